import { withCompared } from "./javascript-frames.ts";
import type { Near, Rule, RuleReading } from "../rule.ts";

/** Lines of one test's report: differences between values may be long. */
const REPORT_LINES = 80;

/** Lines back to the points and the name of the test around a point. */
const POINTS_WITHIN = 300;

const POINT = /^\s*(?:not )?ok \d+\b/;

/** A frame within a report: `name (file:1:2)`, `at name (file:1:2)` or `file:1:2`. */
const FRAME = /^\s+(?:at )?(?:\S.*\()?(?<file>(?:file:\/\/)?\/?[^\s():]+):(?<line>\d+):(?<column>\d+)\)?$/;

/** The Test Anything Protocol, whoever prints it: node:test, node-tap, bats, prove. Source: testanything.org, version 14. */
export const TAP_RULES: readonly Rule[] = [
  {
    tool: "tap",
    pattern: /^(?<indent>\s*)not ok \d+\b(?<title>.*)$/,
    read: ({ indent = "", title = "" }, near) => {
      const isYaml = /^\s*---$/.test(near.at(1) ?? "");
      if (/#\s*(?:TODO|SKIP)\b/i.test(title)) return { ignore: true, span: isYaml ? endOfYaml(near) : 0 };
      const test = title
        .replace(/^\s*[-:]?\s*/, "")
        .replace(/ +# time=\S*$/, "")
        .replace(/\\([#\\])/g, "$1");
      if (isYaml) return yamlReport(near, test, indent.length);
      if (/^\s*#\s/.test(near.at(1) ?? "")) return commentReport(near, test);
      return { message: test === "" ? undefined : test, test };
    },
  },
  { tool: "prove", role: "echo", pattern: /^(?<message>Result: FAIL)$/ },
  {
    tool: "prove",
    pattern:
      /^#\s+(?<message>Failed (?<todo>\(TODO\) )?test(?: '(?<test>.*)')?)(?: at (?<file>\S+) line (?<line>\d+)\.)?$/,
    read: (groups, near) => {
      const place = /^#\s+at (?<file>\S+) line (?<line>\d+)\.$/.exec(near.at(1) ?? "")?.groups;
      let end = place === undefined ? 0 : 1;
      while (end < REPORT_LINES && /^#\s+(?!Failed |Looks like)\S/.test(near.at(end + 1) ?? "")) end += 1;
      return { ...groups, ...place, ignore: groups["todo"] !== undefined, span: end };
    },
  },
  { tool: "prove", role: "echo", pattern: /^# (?<message>Looks like you failed .+)$/ },
  {
    // What bats shows people: the title again behind how far it is.
    tool: "bats",
    pattern: /^[^✗]*✗ (?<test>\S.*)$/,
    read: ({ test = "" }, near) =>
      /^\s+\((?:from |in test file )/.test(near.at(1) ?? "")
        ? batsReport(near, test, /^\s{3,}\S/)
        : undefined,
  },
];

/** How many lines further the closing line of a point's YAML stands. */
function endOfYaml(near: Near): number {
  return near.find(/^\s*\.\.\.$/, REPORT_LINES, POINT)?.offset ?? 1;
}

/** What stands between `---` and `...`. */
function yamlReport(near: Near, title: string, indent: number): RuleReading {
  const close = /^\s*\.\.\.$/;
  const end = endOfYaml(near);
  const find = (pattern: RegExp): ReturnType<Near["find"]> => near.find(pattern, end, close);
  const isNode = find(/^\s+(?:failureType|duration_ms): /) !== undefined;
  const tool = isNode ? "node:test" : "tap";
  const isEcho = find(/failureType: 'subtestsFailed'|error: '\d+ subtests? failed'/) !== undefined;
  if (isEcho || (!isNode && hasFailedBelow(near, indent)))
    return { tool, role: "echo", message: title, test: title, span: end };
  const said = find(
    /^\s*(?:error|message): (?:'(?<quoted>.+)'|"(?<double>.+)"|(?<block>[|>]-?)|(?<plain>\S.*))$/,
  );
  const groups = said?.groups ?? {};
  const below = said === undefined ? undefined : near.at(said.offset + 1);
  const message =
    groups["block"] === undefined ? (groups["quoted"] ?? groups["double"] ?? groups["plain"]) : below;
  if (isNode && message === "test failed") return fileFailure(near, title, end);
  const shown = message === undefined ? title : withCompared(message.trim(), near, (said?.offset ?? 0) + 1);
  return {
    tool,
    message: shown === "" ? undefined : shown,
    test: (isNode ? undefined : subtestAbove(near, indent)) ?? title,
    ...placeOf(near, end),
    span: end,
    first: 0,
    // node:test ends with the stack, node-tap with what differs.
    last: Math.max(0, (isNode ? (find(/^\s*stack: /)?.offset ?? end) : end) - 1),
  };
}

/** Whether a point of the same test, further in, failed before this one. */
function hasFailedBelow(near: Near, indent: number): boolean {
  for (let offset = -1; offset >= -POINTS_WITHIN; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined) return false;
    const point = /^(?<indent>\s*)(?:(?<fail>not )?ok \d|# Subtest: )/.exec(text)?.groups;
    if (point === undefined) continue;
    const depth = point["indent"]?.length ?? 0;
    if (depth <= indent) return false;
    if (point["fail"] !== undefined && !/#\s*(?:TODO|SKIP)\b/i.test(text)) return true;
  }
  return false;
}

/** The test around an assertion: node-tap counts both. */
function subtestAbove(near: Near, indent: number): string | undefined {
  for (let offset = -1; offset >= -POINTS_WITHIN; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined) return undefined;
    const groups = /^(?<indent>\s*)# Subtest: (?<name>.+)$/.exec(text)?.groups;
    if (groups !== undefined && (groups["indent"]?.length ?? 0) < indent) return groups["name"];
  }
  return undefined;
}

/** A file that ended with an error of its own: node:test shows what it printed in comments above. */
function fileFailure(near: Near, title: string, end: number): RuleReading {
  for (let offset = -1; offset >= -REPORT_LINES && near.at(offset)?.startsWith("# ") === true; offset -= 1) {
    const thrown = /^# (?<message>(?:[A-Z]\w*)?Error(?: \[(?<code>\w+)\])?: .+)$/.exec(near.at(offset) ?? "");
    if (thrown?.groups === undefined) continue;
    const from = / imported from (?<file>\/\S+)$/.exec(thrown[0])?.groups?.["file"];
    const { message, code } = thrown.groups;
    return {
      tool: "node:test",
      message,
      code,
      file: from ?? title,
      test: title,
      span: end,
      first: offset,
      last: 0,
    };
  }
  const place = near.find(/^\s*location: '(?<file>.+?):\d+:\d+'$/, end)?.groups;
  return { tool: "node:test", message: "test failed", ...place, test: title, span: end };
}

/** The first frame outside of Node and dependencies, else where the report says that the test is. */
function placeOf(near: Near, end: number): RuleReading {
  const stack = near.find(/^\s*stack: /, end);
  for (let offset = (stack?.offset ?? end) + 1; offset < end; offset += 1) {
    const groups = FRAME.exec(near.at(offset) ?? "")?.groups;
    const file = groups?.["file"];
    if (file === undefined || file.startsWith("node:") || file.includes("node_modules/")) continue;
    return { file, line: groups?.["line"], column: groups?.["column"] };
  }
  const location = near.find(/^\s*location: '(?<file>.+?):(?<line>\d+):(?<column>\d+)'$/, end);
  if (location !== undefined) return location.groups;
  const file = near.find(/^\s*(?:fileName|file): ['"]?(?<file>[^'"]+?)['"]?$/, end)?.groups["file"];
  const line = near.find(/^\s*(?:lineNumber|line): (?<line>\d+)$/, end)?.groups["line"];
  return file === undefined ? {} : { file, line };
}

/** bats and prove say the rest in comments. */
function commentReport(near: Near, test: string): RuleReading {
  const bats = batsReport(near, test, /^\s*#/);
  if (bats !== undefined) return bats;
  let end = 1;
  while (end < REPORT_LINES && /^\s*#/.test(near.at(end + 1) ?? "")) end += 1;
  const prove = near.find(/^\s*#\s+at (?<file>\S+) line (?<line>\d+)\.?$/, end);
  const named = near.find(/^\s*#\s+Failed test at (?<file>\S+) line (?<line>\d+)\.?$/, end);
  return {
    message: test === "" ? undefined : test,
    test,
    ...(prove ?? named)?.groups,
    span: end,
    first: 0,
    last: end,
  };
}

/** The test's own line, not that of the function in which it failed, as bats says it. */
function batsReport(near: Near, test: string, more: RegExp): RuleReading | undefined {
  let end = 1;
  while (end < REPORT_LINES && more.test(near.at(end + 1) ?? "") && !/✗ |[✓✔] /.test(near.at(end + 1) ?? ""))
    end += 1;
  const own =
    near.find(/^\s*#?\s+\(?(?:from .* )?in test file (?<file>.+?), line (?<line>\d+)/, end) ??
    near.find(/^\s*#?\s+\(?(?:from .* )?in file (?<file>.+?), line (?<line>\d+)/, end);
  if (own === undefined) return undefined;
  const said = near.at(own.offset + 1)?.replace(/^\s*#?\s+/, "");
  return { tool: "bats", message: said ?? test, test, ...own.groups, span: end, first: 0, last: end };
}
