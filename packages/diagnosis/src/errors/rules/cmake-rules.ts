import type { Near, Rule } from "../rule.ts";

/** Lines of one message. */
const MESSAGE_LINES = 24;

/** CMake and CTest. */
export const CMAKE_RULES: readonly Rule[] = [
  {
    tool: "cmake",
    pattern:
      /^CMake (?<severity>Error|Warning)(?: \(dev\))?(?: at (?<file>[^:]+):(?<line>\d+)(?: \((?<code>\w+)\))?)?:(?<message>.*)$/,
    read: ({ message = "" }, near) => {
      if (message.trim() !== "") return {};
      const text = near.text(3);
      return text === undefined ? {} : { message: text.text, span: text.offset, last: endOfText(near) };
    },
  },
  { tool: "cmake", role: "echo", pattern: /^-- (?<message>Configuring incomplete, errors occurred!)$/ },
  {
    tool: "ctest",
    pattern:
      /^\s*\d+\/\d+ Test\s+#\d+: (?<test>\S+) \.*(?<how>[^*]*)\*\*\*(?<message>[A-Z][A-Za-z ]*?)(?::?\s+[\d.]+ sec)?$/,
    read: ({ how = "", message = "" }, near) => {
      let last = 0;
      while (last < MESSAGE_LINES && /\S/.test(near.at(last + 1) ?? "") && !isNext(near.at(last + 1) ?? ""))
        last += 1;
      return { message: how.trim() === "" ? message : `${message}: ${how.trim()}`, last };
    },
  },
  { tool: "ctest", role: "echo", pattern: /^(?<message>Errors while running CTest)$/ },
];

function isNext(text: string): boolean {
  return /^\s*(?:Start\s+\d+: |\d+\/\d+ Test\s)/.test(text);
}

/** A message is indented, its paragraphs apart. */
function endOfText(near: Near): number {
  let end = 0;
  for (let offset = 1; offset <= MESSAGE_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || /^\S/.test(text)) break;
    if (text !== "") end = offset;
  }
  return end;
}
