/**
 * The fenced code blocks of a Markdown page, in order.
 *
 * @param {string} text
 * @returns {{ info: string, code: string, line: number }[]} `info` is what follows the opening fence, trimmed;
 *   `line` is that fence's line, from 1.
 */
export function fencedBlocks(text) {
  return [...text.matchAll(/^(`{3,})([^\n`]*)\n([\s\S]*?)^\1$/gmu)].map((match) => ({
    info: match[2].trim(),
    code: match[3],
    line: text.slice(0, match.index).split("\n").length,
  }));
}

/** The page without its fenced blocks. */
export function withoutFencedBlocks(text) {
  return text.replaceAll(/^(`{3,})[^\n`]*\n[\s\S]*?^\1$/gmu, "");
}

/**
 * How to treat a sample with this info string.
 *
 * A TypeScript sample is compiled unless it says `ts no-check: <reason>`.
 *
 * @param {string} info
 * @returns {"compile" | "leave" | "invalid" | "other"} `invalid`: TypeScript under a name that would escape the check.
 */
export function sampleKind(info) {
  if (info === "ts") return "compile";
  if (/^ts no-check: \S/u.test(info)) return "leave";
  return /^(ts|tsx|typescript|mts|cts)\b/iu.test(info) ? "invalid" : "other";
}
