import type { Near, Rule, RuleReading } from "../rule.ts";

const NEXT = /^(?:\s{2}\d+\) |Finished in |Failed examples:|\d+ examples?, )/;

/** Lines of one failure. */
const FAILURE_LINES = 60;

/** Lines of the list of what is pending. */
const PENDING_LINES = 2000;

/** RSpec. */
export const RSPEC_RULES: readonly Rule[] = [
  {
    // What is still to be done may fail.
    tool: "rspec",
    pattern: /^Pending: \(Failures listed here are expected/,
    read: (_groups, near) => {
      const end = near.find(/^(?:Failures:|Finished in |\d+ examples?, )/, PENDING_LINES);
      return { ignore: true, span: (end?.offset ?? 1) - 1 };
    },
  },
  {
    tool: "rspec",
    pattern: /^\s{2}\d+\) (?<test>\S.*)$/,
    read: (_groups, near) => {
      const failure = near.find(/^\s{5}Failure\/Error: (?<message>.+)$/, 4, NEXT);
      return failure === undefined ? undefined : failureFrom(near, failure.offset, NEXT);
    },
  },
  {
    // One of several of one example.
    tool: "rspec",
    pattern: /^\s{5}\d+\.\d+\) Failure\/Error: (?<message>.+)$/,
    read: (_groups, near) => {
      const read = failureFrom(near, 0, /^(?:\s{5}\d+\.\d+\) |\s{2}\d+\) |Finished in )/);
      for (let offset = -1; offset >= -FAILURE_LINES; offset -= 1) {
        const test = /^\s{2}\d+\) (?<test>\S.*)$/.exec(near.at(offset) ?? "")?.groups?.["test"];
        if (test !== undefined) return { ...read, test };
      }
      return read;
    },
  },
  {
    tool: "rspec",
    pattern: /^An error occurred (?:while loading (?<file>\S+?)|in an? `.+` hook)\.$/,
    read: ({ file }, near) => {
      const failure = near.find(/^Failure\/Error: /, 3);
      return failure === undefined
        ? undefined
        : { file, ...failureFrom(near, failure.offset, /^(?:Finished in |An error occurred )/) };
    },
  },
  { tool: "rspec", role: "echo", pattern: /^rspec (?<file>\.\/[^\s:]+):(?<line>\d+) # (?<test>.+)$/ },
];

/** What was raised where something was, else the expectation; the first place that is not one of a gem. */
function failureFrom(near: Near, from: number, next: RegExp): RuleReading {
  let message = (near.at(from) ?? "").replace(/^.*?Failure\/Error: /, "");
  let offset = from;
  let last = from;
  let place: RuleReading | undefined;
  for (let behind = from + 1; behind < from + FAILURE_LINES; behind += 1) {
    const text = near.at(behind);
    if (text === undefined || next.test(text)) break;
    const frame = /^\s*# (?<file>[^\s:]+):(?<line>\d+):in /.exec(text)?.groups;
    if (frame !== undefined) {
      if (!/\/gems\/|\/ruby\/\d/.test(frame["file"] ?? "")) {
        place = frame;
        break;
      }
      continue;
    }
    const raised = /^\s*(?<name>(?!Diff:)[A-Z][\w:]*):$/.exec(text)?.groups?.["name"];
    const said = near.at(behind + 1)?.trim() ?? "";
    if (raised !== undefined && offset === from && said !== "") {
      message = `${raised}: ${said}`;
      offset = behind + 1;
    }
    if (text.trim() !== "") last = behind;
  }
  return { message, ...place, offset, span: Math.max(last, offset), first: Math.min(0, from), last };
}
