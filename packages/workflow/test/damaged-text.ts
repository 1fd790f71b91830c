import fc from "fast-check";

/** How texts are damaged. */
export interface TextDamage {
  /** What is put in. */
  readonly put: fc.Arbitrary<string>;
  /** How much is cut out, doubled or moved at a time, at most. Unit: UTF-16 code units. */
  readonly length: number;
  /** How often, at most. */
  readonly times: number;
}

/** One of several texts with something cut out, doubled, moved or put in. */
export function damagedText(
  texts: readonly string[],
  { put, length: most, times }: TextDamage,
): fc.Arbitrary<string> {
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  const kind = fc.constantFrom("cut", "double", "move");
  const change = fc.record({ from: at, length: fc.nat(most), to: at, put, kind });
  const changes = fc.array(change, { minLength: 1, maxLength: times });
  return fc.tuple(fc.constantFrom(...texts), changes).map(([text, all]) => {
    let changed = text;
    for (const { from, length, to, put, kind } of all) {
      const start = Math.floor(from * changed.length);
      const piece = changed.slice(start, start + length);
      const rest = kind === "double" ? changed : changed.slice(0, start) + changed.slice(start + length);
      const place = Math.floor(to * rest.length);
      changed = rest.slice(0, place) + (kind === "cut" ? put : piece + put) + rest.slice(place);
    }
    return changed;
  });
}
