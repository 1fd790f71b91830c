import type { Near, Rule, RuleReading } from "../rule.ts";

/** Lines of one test's report: differences between values may be long. */
const REPORT_LINES = 80;

const POINT = /^\s*(?:not )?ok \d+\b/;

/** A frame within a report: `name (file:1:2)`, `at name (file:1:2)` or `file:1:2`. */
const FRAME = /^\s+(?:at )?(?:\S.*\()?(?<file>(?:file:\/\/)?\/?[^\s():]+):(?<line>\d+):(?<column>\d+)\)?$/;

/** The Test Anything Protocol, whoever prints it: node:test, node-tap, bats, prove. Source: testanything.org, version 14. */
export const TAP_RULES: readonly Rule[] = [
  {
    tool: "tap",
    pattern: /^\s*not ok \d+(?: -)?(?: (?<title>.*))?$/,
    read: ({ title = "" }, near) => {
      if (/#\s*(?:TODO|SKIP)\b/i.test(title)) return undefined;
      const test = title.replace(/\s+# time=.*$/, "");
      if (/^\s*---$/.test(near.at(1) ?? "")) return yamlReport(near, test);
      if (/^\s*#/.test(near.at(1) ?? "")) return commentReport(near, test);
      return { message: test === "" ? undefined : test, test };
    },
  },
];

/** What stands between `---` and `...`. */
function yamlReport(near: Near, test: string): RuleReading {
  const close = /^\s*\.\.\.$/;
  const end = near.find(close, REPORT_LINES, POINT)?.offset ?? 1;
  const find = (pattern: RegExp): ReturnType<Near["find"]> => near.find(pattern, end, close);
  const isNode = find(/^\s+(?:failureType|duration_ms): /) !== undefined;
  const tool = isNode ? "node:test" : "tap";
  if (find(/failureType: 'subtestsFailed'/) !== undefined) return { tool, role: "echo", test, span: end };
  const said = find(
    /^\s*(?:error|message): (?:'(?<quoted>.+)'|"(?<double>.+)"|(?<block>[|>]-?)|(?<plain>\S.*))$/,
  );
  const groups = said?.groups ?? {};
  const below = said === undefined ? undefined : near.at(said.offset + 1);
  const message =
    groups["block"] === undefined ? (groups["quoted"] ?? groups["double"] ?? groups["plain"]) : below;
  return {
    tool,
    message: message?.trim() ?? (test === "" ? undefined : test),
    test,
    ...placeOf(near, end),
    span: end,
    first: 0,
    last: Math.max(0, end - 1),
  };
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
  let end = 1;
  while (end < REPORT_LINES && /^\s*#/.test(near.at(end + 1) ?? "")) end += 1;
  const bats = near.find(/^\s*#\s+\(?(?:from .*)?in (?:test )?file (?<file>.+?), line (?<line>\d+)/, end);
  const own = near.find(/^\s*#\s+\(?(?:from .* )?in test file (?<file>.+?), line (?<line>\d+)/, end) ?? bats;
  if (own !== undefined) {
    const said = /^\s*#\s+(.*)$/.exec(near.at(own.offset + 1) ?? "")?.[1];
    return { tool: "bats", message: said ?? test, test, ...own.groups, span: end, first: 0, last: end };
  }
  const prove = near.find(/^\s*#\s+at (?<file>\S+) line (?<line>\d+)\.?$/, end);
  return { message: test, test, ...prove?.groups, span: end, first: 0, last: end };
}
