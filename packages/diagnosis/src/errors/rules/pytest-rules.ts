import type { Near, Rule, RuleReading } from "../rule.ts";

/** Lines of the source of one test that pytest quotes before what it found. */
const REPORT_LINES = 120;

/** pytest. */
export const PYTEST_RULES: readonly Rule[] = [
  {
    tool: "pytest",
    pattern: /^E\s{2,}(?<message>\S.*)$/,
    read: (_groups, near) => pytestError(near),
  },
  {
    tool: "pytest",
    role: "echo",
    pattern: /^(?:FAILED|ERROR) (?<file>[^\s:]+\.py)(?:::(?<code>\S+))?(?: - (?<message>.+))?$/,
  },
  { tool: "pytest", role: "echo", pattern: /^!+ (?<message>Interrupted: .+?) !+$/ },
];

/** A file that cannot be imported is told of by the one that imports it; what is wrong stands in the other one. */
function syntaxError(near: Near, span: number): RuleReading | undefined {
  let place: Readonly<Record<string, string | undefined>> | undefined;
  let first = 0;
  for (let offset = 0; offset <= span; offset += 1) {
    const text = near.at(offset) ?? "";
    const named = /^E\s+File "(?<file>[^"]+)", line (?<line>\d+)$/.exec(text)?.groups;
    if (named !== undefined) {
      place = named;
      first = offset;
    }
    const raised = /^E\s+(?<message>(?<code>\w*Error): .+)$/.exec(text)?.groups;
    if (raised !== undefined && place !== undefined)
      return { ...place, ...raised, offset, span, first, last: offset };
  }
  return undefined;
}

/** The name of the test or file that the report is about: `____ test_name ____`. */
function reportTitle(near: Near): string | undefined {
  for (let offset = -1; offset >= -REPORT_LINES; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined) return undefined;
    const title = /^_{3,} (?<title>\S.*?) _{3,}$/.exec(text)?.groups?.["title"];
    if (title !== undefined) return title.startsWith("ERROR collecting") ? undefined : title;
  }
  return undefined;
}

function pytestError(near: Near): RuleReading {
  let span = 0;
  while (span < 60 && /^E(?:\s|$)/.test(near.at(span + 1) ?? "")) span += 1;
  const syntax = syntaxError(near, span);
  if (syntax !== undefined) return syntax;
  const test = reportTitle(near);
  // The line that failed is quoted above.
  let first = 0;
  while (first > -4 && /^(?:>|\s)\s*\S/.test(near.at(first - 1) ?? "")) first -= 1;
  const more = { ...(test !== undefined && { test }), span, first };
  const place = near.find(/^(?<file>[^\s:]+):(?<line>\d+): (?<code>\w+)$/, 40, /^(?:_{3}|={3})/);
  if (place !== undefined) return { ...place.groups, ...more, last: Math.min(place.offset, span + 3) };
  for (let offset = -1; offset >= -6; offset -= 1) {
    const groups = /^(?<file>[^\s:]+):(?<line>\d+): in /.exec(near.at(offset) ?? "")?.groups;
    if (groups !== undefined) return { ...groups, ...more };
  }
  return more;
}
