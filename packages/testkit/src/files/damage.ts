import { readFileSync, rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";

/** Something that happens to a file of a run. */
export type Damage =
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "overwrite"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "lose"; readonly line: number }
  | { readonly kind: "repeat"; readonly line: number }
  | { readonly kind: "swap"; readonly from: string; readonly to: string }
  | { readonly kind: "delete" };

const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Words of records and documents, and what damaged or foreign ones have in their place. */
const SWAPPED = [
  '"failed"',
  '"running"',
  '"to":',
  '"step":',
  '"seq":',
  '"job_state"',
  '"phase_start"',
  '"attempt":1',
  '"needs":',
  '"graph_ir":',
  "1",
  "[",
  "}",
];
const INSTEAD = ["null", "-1", '"x"', '"phase_finish"', '"step":2', "{}", "[[", "1e99"];

/**
 * Draws what happens to a file.
 *
 * @param words - Names that the run's files hold, such as those of its jobs.
 */
export function arbitraryDamage(words: readonly string[] = []): fc.Arbitrary<Damage> {
  const names = words.map((word) => JSON.stringify(word));
  return fc.oneof(
    fc.record({ kind: fc.constant("cut" as const), at: share }),
    fc.record({
      kind: fc.constant("overwrite" as const),
      at: share,
      bytes: fc.uint8Array({ maxLength: 40 }),
    }),
    fc.record({ kind: fc.constant("lose" as const), line: fc.nat(60) }),
    fc.record({ kind: fc.constant("repeat" as const), line: fc.nat(60) }),
    fc.record({
      kind: fc.constant("swap" as const),
      from: fc.constantFrom(...names, ...SWAPPED),
      to: fc.constantFrom(...names, ...INSTEAD),
    }),
    fc.record({ kind: fc.constant("delete" as const) }),
  );
}

/** Damages a file; one that is not there stays so. @param path - Absolute. */
export function damageFile(path: string, damage: Damage): void {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return;
  }
  const damaged = damagedBytes(bytes, damage);
  if (damaged === undefined) rmSync(path);
  else writeFileSync(path, damaged);
}

function damagedBytes(bytes: Buffer, damage: Damage): Buffer | string | undefined {
  const lines = (): string[] => bytes.toString("utf8").split("\n");
  switch (damage.kind) {
    case "cut":
      return bytes.subarray(0, Math.floor(bytes.length * damage.at));
    case "overwrite": {
      const room = Math.max(0, bytes.length - damage.bytes.length);
      bytes.set(damage.bytes.subarray(0, bytes.length), Math.floor(room * damage.at));
      return bytes;
    }
    case "lose":
      return lines()
        .filter((_line, index) => index !== damage.line)
        .join("\n");
    case "repeat":
      return lines()
        .flatMap((line, index) => (index === damage.line ? [line, line] : [line]))
        .join("\n");
    case "swap":
      return bytes.toString("utf8").replaceAll(damage.from, damage.to);
    case "delete":
      return undefined;
  }
}
