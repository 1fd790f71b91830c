import type { Near, Rule, RuleReading } from "../rule.ts";
import { isPythonLibrary } from "./python-traceback.ts";

/** Lines of the source of one test that pytest quotes before what it found. */
const REPORT_LINES = 120;

/** Lines that one test printed and that are passed over. */
const CAPTURED_LINES = 2000;

/** A title, a section or the next captured output. */
const NEXT_SECTION = /^(?:_{3,} \S.* _{3,}|={3,} \S.* ={3,}|-{3,} Captured .* -{3,})$/;

/** pytest. */
export const PYTEST_RULES: readonly Rule[] = [
  {
    tool: "pytest",
    pattern: /^E\s{2,}(?<message>\S.*)$/,
    read: (_groups, near) => pytestError(near),
  },
  {
    // What a test printed may call itself an error, and with `-rA` the passing ones are shown as well.
    tool: "pytest",
    pattern: /^-{3,} Captured (?:stdout|stderr|log) (?:setup|call|teardown) -{3,}$/,
    read: (_groups, near) => {
      const next = near.find(NEXT_SECTION, CAPTURED_LINES);
      return { ignore: true, span: next === undefined ? 0 : next.offset - 1 };
    },
  },
  {
    tool: "pytest",
    role: "echo",
    pattern: /^(?:FAILED|ERROR) (?<file>[^\s:]+\.py)(?:::(?<test>.+?))?(?: - (?<message>.+))?$/,
  },
  {
    tool: "pytest",
    pattern: /^ERROR: (?<message>(?:file or directory not found|not found|usage|found no collectors).*)$/,
  },
  { tool: "pytest", pattern: /^INTERNALERROR> (?<message>(?<code>\w*(?:Error|Exception)): .+)$/ },
  { tool: "pytest", role: "echo", pattern: /^!+ (?<message>(?:Interrupted: |stopping after ).+?) !+$/ },
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

/** The name of the test that the report is about: `____ test_name ____`. Files that cannot be collected have none. */
function reportTitle(near: Near): string | undefined {
  for (let offset = -1; offset >= -REPORT_LINES; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined || /^={3,} \S.* ={3,}$/.test(text)) return undefined;
    const title = /^_{3,} (?<title>\S.*?) _{3,}$/.exec(text)?.groups?.["title"];
    if (title === undefined) continue;
    return title.startsWith("ERROR collecting") ? undefined : title.replace(/^ERROR at \w+ of /, "");
  }
  return undefined;
}

/** The nearest place above within the report that is not one of Python and its packages. */
function placeAbove(near: Near): RuleReading | undefined {
  for (let offset = -1; offset >= -REPORT_LINES; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined || /^(?:_{3,} \S.* _{3,}|={3,} \S.* ={3,}|E\s.*)$/.test(text)) return undefined;
    const groups = /^(?<file>[^\s:]+):(?<line>\d+): (?:in .*)?$/.exec(text)?.groups;
    if (groups?.["file"] === undefined || isPythonLibrary(groups["file"])) continue;
    return groups;
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
  const place = near.find(/^(?<file>[^\s:]+):(?<line>\d+): (?<code>\w+)(?:: .*)?$/, 40, /^(?:_{3}|={3})/);
  const above = placeAbove(near);
  if (place === undefined) return { ...above, ...more };
  // With `--tb=line`, the place repeats the message.
  const isLine = /^[^\s:]+:\d+: \w+: /.test(near.at(place.offset) ?? "");
  const end = Math.max(span, isLine || place.offset <= span + 3 ? place.offset : 0);
  const isLibrary = isPythonLibrary(place.groups["file"] ?? "");
  if (isLibrary && above !== undefined)
    return { ...above, ...more, code: place.groups["code"], first: 0, span: end, last: span };
  return { ...place.groups, ...more, span: end, last: end };
}
