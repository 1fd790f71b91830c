import type { Near, Rule, RuleReading } from "../rule.ts";

const NEXT = /^(?:\s{2}\d+\) (?:Failure|Error|Skipped):|\d+ runs, )/;

/** Lines of one failure. */
const FAILURE_LINES = 60;

/** minitest. */
export const MINITEST_RULES: readonly Rule[] = [
  {
    tool: "minitest",
    pattern: /^\s{2}\d+\) (?<kind>Failure|Error|Skipped):$/,
    read: ({ kind }, near) => failure(near, kind === "Skipped"),
  },
];

function failure(near: Near, isSkipped: boolean): RuleReading | undefined {
  const title = /^(?<test>\S+#\S.*?)(?: \[(?<file>[^\]:]+):(?<line>\d+)\])?:$/.exec(near.at(1) ?? "")?.groups;
  if (title === undefined) return undefined;
  let last = 1;
  let place: RuleReading | undefined;
  for (let offset = 2; offset < FAILURE_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || NEXT.test(text)) break;
    const frame = /^\s{4}(?<file>[^\s:]+):(?<line>\d+):in /.exec(text)?.groups;
    if (frame !== undefined) {
      if (!/\/gems\/|\/ruby\/\d|\/ruby\/vendor/.test(frame["file"] ?? "")) place ??= frame;
      continue;
    }
    if (text.trim() !== "") last = offset;
  }
  if (isSkipped) return { ignore: true, span: last };
  const said = near.at(2) ?? "";
  const message = said.startsWith("--- expected") ? "differs from what is expected" : said;
  return { message, ...title, ...place, offset: 2, span: last, first: 0, last };
}
