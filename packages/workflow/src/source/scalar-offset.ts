import type { SourceScalar } from "./source-node.ts";

/**
 * Where a character of a text scalar stands in its file.
 *
 * Knows every scalar but double-quoted ones of several lines, where it answers
 * undefined. Of a blank that a line break was folded into it returns the end of
 * the text before.
 *
 * @param offset - Into the scalar's value, up to its length.
 */
export function scalarOffset(scalar: SourceScalar, offset: number): number | undefined {
  const raw = scalar.file.text.slice(scalar.start, scalar.end).trimEnd();
  const first = raw.charAt(0);
  if (raw.includes("\n")) return first === '"' ? undefined : scalar.start + foldedOffset(scalar, raw, offset);
  switch (first) {
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

/** Folding changes nothing but blanks, so the other characters can be counted. */
function foldedOffset({ value }: SourceScalar, raw: string, offset: number): number {
  const text = String(value);
  const isQuoted = raw.startsWith("'");
  let at = isQuoted ? 1 : 0;
  if (raw.startsWith("|") || raw.startsWith(">")) at = raw.indexOf("\n") + 1;
  let end = at;
  let left = text.slice(0, offset).replaceAll(BLANKS, "").length;
  while (left > 0 && at < raw.length) {
    const isText = !isBlank(raw.charAt(at));
    at += isQuoted && raw.startsWith("''", at) ? 2 : 1;
    if (!isText) continue;
    left -= 1;
    end = at;
  }
  if (offset >= text.length || isBlank(text.charAt(offset))) return end;
  while (at < raw.length && isBlank(raw.charAt(at))) at += 1;
  return at;
}

/** What YAML folds, cuts off or indents with. */
const BLANKS = /[ \t\r\n]/g;

function isBlank(character: string): boolean {
  return character === " " || character === "\t" || character === "\r" || character === "\n";
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
