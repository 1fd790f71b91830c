import type { Rule } from "../rule.ts";

/** What make says itself. */
const OF_MAKE = /^(?:\S*\/)?g?make(?:\[\d+\])?: /;

/** make. */
export const MAKE_RULES: readonly Rule[] = [
  {
    tool: "make",
    // The recipe says `-command`, or `make` was called with `-i`: it may fail.
    pattern: /^(?:\S*\/)?g?make(?:\[\d+\])?: \[[^\]]*\] .+ \(ignored\)$/,
    read: () => ({ handledSince: OF_MAKE }),
  },
  {
    tool: "make",
    role: "echo",
    pattern: /^(?:\S*\/)?g?make(?:\[\d+\])?: \*\*\* \[(?<target>[^\]]*)\] (?<message>(?:Error \d+|.+).*)$/,
    read: ({ target, message = "" }) => ({
      message: `[${target ?? ""}] ${message}`,
      code: /^(?!Error)[A-Z][a-z ]+/.exec(message)?.[0].trim(),
    }),
  },
  {
    tool: "make",
    pattern: /^(?:\S*\/)?g?make(?:\[\d+\])?: \*\*\* (?<message>.+)$/,
    read: ({ message = "" }) =>
      message.startsWith("Waiting for unfinished jobs") || message.includes("not remade because of errors")
        ? { role: "echo" }
        : {},
  },
  { tool: "make", pattern: /^(?<file>[^\s:]+):(?<line>\d+): \*\*\* (?<message>.+)$/ },
  {
    tool: "make",
    role: "echo",
    pattern: /^(?:\S*\/)?g?make(?:\[\d+\])?: (?<message>Target .+ not remade because of errors\.)$/,
  },
];
