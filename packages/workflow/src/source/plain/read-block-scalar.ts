import type { PlainLines } from "./plain-lines.ts";
import type { PlainScalar } from "./plain-scalar.ts";

/**
 * Reads a literal block (`|`, `|-`, `|+`) from its header on and moves past it.
 *
 * @param parentIndent - How far what the block belongs to is indented.
 * @returns Undefined for whatever is not as simple as that.
 */
export function readBlockScalar(
  lines: PlainLines,
  start: number,
  parentIndent: number,
): PlainScalar | undefined {
  const { text } = lines;
  const mark = text.charAt(start + 1);
  const chomp = mark === "-" || mark === "+" ? mark : "";
  if (!lines.isRestEmpty(start + 1 + chomp.length)) return undefined;
  let at = lines.end + 1;
  let indent = -1;
  const content: string[] = [];
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    // Without its line break the last line is a matter of opinion.
    if (newline === -1) return undefined;
    let inside = at;
    while (text.charCodeAt(inside) === 32) inside += 1;
    const own = inside - at;
    if (inside === newline) {
      // Blanks that reach into the content, or may turn out to.
      if (own > 0 && (indent === -1 || own > indent)) return undefined;
      content.push("");
    } else {
      if (indent === -1) indent = own;
      if (own < indent || indent <= parentIndent) break;
      content.push(text.slice(at + indent, newline));
    }
    at = newline + 1;
  }
  if (indent <= parentIndent) return undefined;
  const lastLine = content.findLastIndex((line) => line !== "");
  const body = content.slice(0, lastLine + 1).join("\n");
  const breaks = chomp === "-" ? 0 : chomp === "+" ? content.length - lastLine : 1;
  lines.moveTo(at);
  return { value: body + "\n".repeat(breaks), end: at };
}
