/** The high bit of each byte of a word. */
export const HIGH_BITS = 0x80808080;

/** A high bit for every byte of a word of text that JSON wants escaped; other bits mean nothing. */
export function specialBytes(word: number): number {
  // Subtraction borrows from the next byte only where there is something to escape already.
  const control = word - 0x20202020;
  const quote = (word ^ 0x22222222) - 0x01010101;
  const backslash = (word ^ 0x5c5c5c5c) - 0x01010101;
  return (control | quote | backslash) & ~word;
}
