import type { Near, Rule, RuleReading } from "../rule.ts";

/** A stack frame with its place: `at name (file:1:2)` or `at file:1:2`. */
const FRAME = /^\s+at (?:.*\()?(?<file>(?:file:\/\/)?(?:[A-Za-z]:)?[^\s():]+):(?<line>\d+):(?<column>\d+)\)?/;

/** Lines between a message and its first frame: messages may have several. */
const MESSAGE_LINES = 12;

/** Lines of what a test runner reports of one test: differences between values come before the frames. */
const REPORT_LINES = 60;

/** Frames that are looked at for one outside of Node and dependencies. */
const FRAMES = 30;

/** Where the frames behind a line first leave Node and dependencies. */
export function frameBehind(near: Near, from: number): RuleReading | undefined {
  for (let offset = from; offset < from + FRAMES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || !/^\s+at /.test(text)) return undefined;
    const groups = FRAME.exec(text)?.groups;
    const file = groups?.["file"];
    if (file === undefined || file.startsWith("node:") || file.includes("node_modules/")) continue;
    return { file, line: groups?.["line"], column: groups?.["column"] };
  }
  return undefined;
}

/** The offset of the first stack frame from an offset on; it does not look past a line that matches `until`. */
export function firstFrame(near: Near, from: number, until: RegExp): number | undefined {
  for (let offset = from; offset < from + REPORT_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || until.test(text)) return undefined;
    if (FRAME.test(text)) return offset;
  }
  return undefined;
}

/** Node itself, and what builds for it and for browsers. */
export const JAVASCRIPT_RULES: readonly Rule[] = [
  {
    tool: "node",
    pattern: /^\s*(?:Uncaught )?(?<message>(?:[A-Z]\w*)?(?:Error|Exception)(?: \[(?<code>\w+)\])?: .+)$/,
    read: (_groups, near) => {
      const first = near.find(/^\s+at \S/, MESSAGE_LINES, /^\s*$/);
      if (first === undefined) return undefined;
      return { span: first.offset, ...(frameBehind(near, first.offset) ?? sourceBefore(near)) };
    },
  },
  {
    tool: "esbuild",
    pattern: /^\s*[✘X▲] \[(?<severity>ERROR|WARNING)\] (?<message>.+)$/,
    read: (_groups, near) => {
      const place = near.find(/^\s{4}(?<file>\S.*?):(?<line>\d+):(?<column>\d+):$/, 4, /^[✘▲]/);
      return place === undefined ? {} : { ...places(place.groups), span: place.offset };
    },
  },
  {
    tool: "vite",
    pattern: /^\[(?<code>[A-Z][A-Z_]{2,40})\] (?<message>.+)$/,
    read: (_groups, near) => {
      const place = near.find(/^\s*(?:╭─|,-)\[ ?(?<file>\S.*?):(?<line>\d+):(?<column>\d+) ?\]/, 3);
      return place === undefined ? undefined : { ...places(place.groups), span: place.offset };
    },
  },
  {
    tool: "vite",
    pattern: /^(?:\[!\] )?(?:\([^)]*\) )?(?:RollupError|\[vite[^\]]*\]): (?<message>.+)$/,
    read: (_groups, near) => {
      const place = near.find(/^(?:file: )?(?<file>\S+?)(?:\s\(|:)(?<line>\d+):(?<column>\d+)\)?:?$/, 4);
      return place === undefined ? {} : { ...places(place.groups), span: place.offset };
    },
  },
  { tool: "vite", role: "echo", pattern: /^(?<message>error during build:)$/ },
  {
    tool: "webpack",
    pattern: /^ERROR in (?<file>\.{0,2}\/?[^\s:]+)(?:[: ](?<line>\d+):(?<column>\d+).*)?$/,
    read: (_groups, near) => {
      const message = near.text(2);
      return message === undefined ? undefined : { message: message.text, offset: 0, span: message.offset };
    },
  },
];

function places(groups: Readonly<Record<string, string | undefined>>): RuleReading {
  return { file: groups["file"], line: groups["line"], column: groups["column"] };
}

/** The line that Node quotes above an uncaught error. */
function sourceBefore(near: Near): RuleReading {
  for (let offset = -1; offset >= -6; offset -= 1) {
    const groups = /^(?<file>(?:file:\/\/)?\/[^\s:]+):(?<line>\d+)$/.exec(near.at(offset) ?? "")?.groups;
    if (groups !== undefined) return { file: groups["file"], line: groups["line"] };
  }
  return {};
}
