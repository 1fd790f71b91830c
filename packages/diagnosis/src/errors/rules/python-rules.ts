import type { Near, Rule, RuleReading } from "../rule.ts";

const FRAME = /^\s+File "(?<file>[^"]+)", line (?<line>\d+)/;
const RAISED = /^(?<code>[A-Za-z_][\w.]*)(?:: (?<message>.+))?$/;

/** Lines of one traceback at most; Python itself shortens recursion. */
const TRACEBACK_LINES = 300;

/** Python, pytest, unittest, mypy's kin: ruff and flake8. */
export const PYTHON_RULES: readonly Rule[] = [
  {
    tool: "python",
    pattern: /^Traceback \(most recent call last\):$/,
    read: (_groups, near) => traceback(near),
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
  { tool: "unittest", role: "echo", pattern: /^(?:FAIL|ERROR): (?<code>\w+) \([\w.]+\)$/ },
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
function traceback(near: Near): RuleReading | undefined {
  let deepest: Readonly<Record<string, string | undefined>> | undefined;
  let own: Readonly<Record<string, string | undefined>> | undefined;
  for (let offset = 1; offset < TRACEBACK_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined) return undefined;
    const frame = FRAME.exec(text)?.groups;
    if (frame !== undefined) {
      deepest = frame;
      const file = frame["file"] ?? "";
      if (!/(?:^<|[/\\](?:site-packages|dist-packages|lib[/\\]python\d)[./\\])/.test(file)) own = frame;
      continue;
    }
    if (text === "" || /^\s/.test(text)) continue;
    if (!RAISED.test(text)) return undefined;
    const { file, line } = own ?? deepest ?? {};
    return { message: text, file, line, offset };
  }
  return undefined;
}

function pytestError(near: Near): RuleReading {
  let span = 0;
  while (span < 60 && /^E(?:\s|$)/.test(near.at(span + 1) ?? "")) span += 1;
  const place = near.find(/^(?<file>[^\s:]+):(?<line>\d+): (?<code>\w+)$/, 40, /^(?:_{3}|={3})/);
  if (place !== undefined) return { ...place.groups, span };
  for (let offset = -1; offset >= -6; offset -= 1) {
    const groups = /^(?<file>[^\s:]+):(?<line>\d+): in /.exec(near.at(offset) ?? "")?.groups;
    if (groups !== undefined) return { ...groups, span };
  }
  return { span };
}
