import type { Near, Rule, RuleReading } from "../rule.ts";

const FRAME = /^\s+File "(?<file>[^"]+)", line (?<line>\d+)/;
const RAISED = /^(?<code>[A-Za-z_][\w.]*)(?:: (?<message>.+))?$/;

/** Lines of one traceback at most; Python itself shortens recursion. */
const TRACEBACK_LINES = 300;

/** Lines of the source of one test that pytest quotes before what it found. */
const REPORT_LINES = 120;

/** Python, pytest, unittest, mypy's kin: ruff and flake8. */
export const PYTHON_RULES: readonly Rule[] = [
  {
    tool: "python",
    pattern: /^Traceback \(most recent call last\):$/,
    read: (_groups, near) => traceback(near, 0),
  },
  {
    tool: "python",
    pattern: /^\s+File "(?<file>[^"]+)", line (?<line>\d+)$/,
    read: (_groups, near) => {
      const raised = near.find(/^(?<code>\w*Error): (?<message>.+)$/, 5);
      if (raised === undefined) return undefined;
      return {
        message: `${raised.groups["code"]}: ${raised.groups["message"]}`,
        code: undefined,
        offset: raised.offset,
      };
    },
  },
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
  {
    tool: "unittest",
    pattern: /^(?:FAIL|ERROR): (?<test>\w+) \((?<owner>[\w.]+)\)$/,
    read: ({ test = "", owner = "" }, near) => {
      const start = near.find(/^Traceback \(most recent call last\):$/, 4);
      const raised = start === undefined ? undefined : traceback(near, start.offset);
      // The name of the module stands in the name of the test since Python 3.11.
      const name = owner.endsWith(`.${test}`) ? owner : `${owner}.${test}`;
      return raised === undefined ? { role: "echo", test: name } : { ...raised, test: name, first: 0 };
    },
  },
  { tool: "unittest", role: "echo", pattern: /^FAILED \((?<message>(?:failures|errors)=.+)\)$/ },
  {
    tool: "flake8",
    pattern:
      /^(?<file>[^\s:]+\.pyi?):(?<line>\d+):(?<column>\d+): (?<code>[A-Z]{1,4}\d{2,4}):? (?<message>.+)$/,
    read: ({ message = "" }, near) =>
      /^\[\*\] |`/.test(message) || near.find(/^Found \d+ errors?\.$/, 200) !== undefined
        ? { tool: "ruff", message: fixless(message) }
        : {},
  },
  {
    tool: "ruff",
    pattern: /^(?<code>[A-Z]{1,4}\d{3,4}|invalid-syntax):? (?<message>\S.*)$/,
    read: ({ message = "" }, near) => {
      const place = /^\s*--> (?<file>[^:]+):(?<line>\d+):(?<column>\d+)$/.exec(near.at(1) ?? "");
      return place === null ? undefined : { ...place.groups, message: fixless(message), span: 1 };
    },
  },
];

function fixless(message: string): string {
  return message.replace(/^\[\*\] /, "");
}

/** The deepest frame outside of Python and its packages says where to look; the exception stands below the frames. */
function traceback(near: Near, start: number): RuleReading | undefined {
  let deepest: Readonly<Record<string, string | undefined>> | undefined;
  let own: Readonly<Record<string, string | undefined>> | undefined;
  let first = start;
  for (let offset = start + 1; offset < start + TRACEBACK_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined) return undefined;
    const frame = FRAME.exec(text)?.groups;
    if (frame !== undefined) {
      deepest = frame;
      const file = frame["file"] ?? "";
      if (!/(?:^<|[/\\](?:site-packages|dist-packages|lib[/\\]python\d)[./\\])/.test(file)) {
        own = frame;
        first = offset;
      }
      continue;
    }
    if (text === "" || /^\s/.test(text)) continue;
    if (!RAISED.test(text)) return undefined;
    const { file, line } = own ?? deepest ?? {};
    return { message: text, file, line, offset, first };
  }
  return undefined;
}

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
