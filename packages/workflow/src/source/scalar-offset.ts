import type { SourceScalar } from "./source-node.ts";

/**
 * Where a character of a text scalar stands in its file.
 *
 * Knows plain and quoted scalars of one line; undefined for all others, whose
 * line breaks are folded.
 *
 * @param offset - Into the scalar's value, up to its length.
 */
export function scalarOffset(scalar: SourceScalar, offset: number): number | undefined {
  const raw = scalar.file.text.slice(scalar.start, scalar.end).trimEnd();
  if (raw.includes("\n")) return undefined;
  switch (raw.charAt(0)) {
    case "'":
      return scalar.start + walk(raw, offset, (at) => (raw.startsWith("''", at) ? 2 : 1));
    case '"':
      return (
        scalar.start +
        walk(raw, offset, (at) => (raw.charAt(at) === "\\" ? escapeLength(raw.charAt(at + 1)) : 1))
      );
    case "|":
    case ">":
      return undefined;
    default:
      return scalar.start + offset;
  }
}

function walk(raw: string, offset: number, widthAt: (at: number) => number): number {
  let at = 1;
  for (let passed = 0; passed < offset && at < raw.length; passed += 1) at += widthAt(at);
  return at;
}

/** How long a double-quoted escape is, its backslash included. Source: YAML 1.2, 5.7. */
function escapeLength(letter: string): number {
  if (letter === "x") return 4;
  if (letter === "u") return 6;
  if (letter === "U") return 10;
  return 2;
}
