import type { WorkflowProblem } from "./workflow-problem.ts";

/**
 * A problem as plain text: place, code, path and fix on the first line, then
 * the line it is about with the culprit underlined. No colour, no final newline.
 */
export function formatProblem(problem: WorkflowProblem): string {
  const { file, line, column, code, severity, path, excerpt } = problem;
  const message = severity === undefined ? problem.message : `${severity}: ${problem.message}`;
  const place = `${file}:${line}:${column}`;
  const head = printable(`${place} ${code} ${path === "" ? "/" : path}: ${message}`);
  if (excerpt === undefined) return head;
  const before = excerpt.text.slice(0, excerpt.from);
  const marked = excerpt.text.slice(excerpt.from, excerpt.from + excerpt.length);
  const number = String(line);
  return [
    head,
    `  ${number} | ${printable(excerpt.text)}`.trimEnd(),
    `  ${" ".repeat(number.length)} | ${blankOf(printable(before))}${"^".repeat(Math.max(1, columnsOf(printable(marked))))}`,
  ].join("\n");
}

/**
 * Characters that would move the cursor or turn the text around are shown as a
 * replacement, one column each. Tabs stay.
 */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, (character) =>
    character === "\t" ? "\t" : "\uFFFD",
  );
}

/** As many columns of blanks as the text takes, tabs kept so that the underline stays aligned. */
function blankOf(text: string): string {
  let blanks = "";
  for (const character of text) blanks += character === "\t" ? "\t" : " ".repeat(columnsOf(character));
  return blanks;
}

/** How many terminal columns a text takes: two for East Asian wide characters and emoji, none for marks. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) continue;
    columns += WIDE.test(character) ? 2 : 1;
  }
  return columns;
}

const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F9FF}\u{20000}-\u{3FFFD}]$/u;
