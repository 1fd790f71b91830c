/** Gives text its colour by what it means, or leaves it as it is. The palette of `@loom/cli` is one. */
export interface Paint {
  paint(tone: "success" | "failed" | "allowed" | "cancelled" | "dim" | "bold", text: string): string;
}

/** Leaves all text as it is. */
export const PLAIN: Paint = { paint: (_tone, text) => text };

/** Narrower than this, a text is not wrapped: it would be a column of letters. */
const NARROWEST = 20;

/**
 * Breaks a text into lines of a width, in UTF-16 units: at spaces where there are some, and never within a character.
 * Lines after the first one begin with two more spaces than it does.
 */
export function wrapWords(text: string, width: number): readonly string[] {
  if (text.length <= width || width < NARROWEST) return [text];
  const indent = `${/^ */.exec(text)?.[0].slice(0, NARROWEST / 2) ?? ""}  `;
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    let end = space > width / 3 ? space : width;
    if (/[\uD800-\uDBFF]$/.test(rest.slice(0, end))) end -= 1;
    lines.push(rest.slice(0, end).trimEnd());
    rest = indent + rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
