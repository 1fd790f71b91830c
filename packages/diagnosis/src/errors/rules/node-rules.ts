import type { Near, Rule, RuleReading } from "../rule.ts";
import { frameBehind } from "./javascript-frames.ts";

/** Lines between a message and its first frame: messages may have several. */
const MESSAGE_LINES = 12;

/** Node itself. */
export const NODE_RULES: readonly Rule[] = [
  {
    tool: "node",
    pattern: /^\s*(?:Uncaught )?(?<message>(?:[A-Z]\w*)?(?:Error|Exception)(?: \[(?<code>\w+)\])?: .+)$/,
    read: (_groups, near) => {
      const first = near.find(/^\s+at \S/, MESSAGE_LINES, /^\s*$/);
      if (first === undefined) return undefined;
      const place = frameBehind(near, first.offset) ?? sourceBefore(near) ?? importedFrom(near.at(0) ?? "");
      return { span: first.offset, ...place };
    },
  },
];

/** The line that Node quotes above an uncaught error. */
function sourceBefore(near: Near): RuleReading | undefined {
  for (let offset = -1; offset >= -6; offset -= 1) {
    const groups = /^(?<file>(?:file:\/\/)?\/[^\s:]+):(?<line>\d+)$/.exec(near.at(offset) ?? "")?.groups;
    if (groups !== undefined) return { file: groups["file"], line: groups["line"] };
  }
  return undefined;
}

/** A module that is missing is named with the one that asks for it. */
export function importedFrom(message: string): RuleReading {
  return / imported from (?<file>\/\S+)$/.exec(message)?.groups ?? {};
}
