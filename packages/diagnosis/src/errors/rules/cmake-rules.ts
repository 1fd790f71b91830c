import type { Rule } from "../rule.ts";

/** CMake. */
export const CMAKE_RULES: readonly Rule[] = [
  {
    tool: "cmake",
    pattern:
      /^CMake (?<severity>Error|Warning)(?: \(dev\))?(?: at (?<file>[^:]+):(?<line>\d+)(?: \((?<code>\w+)\))?)?:(?<message>.*)$/,
    read: ({ message = "" }, near) => {
      if (message.trim() !== "") return {};
      const text = near.text(3);
      return text === undefined ? {} : { message: text.text, span: text.offset };
    },
  },
  { tool: "cmake", role: "echo", pattern: /^-- (?<message>Configuring incomplete, errors occurred!)$/ },
];
