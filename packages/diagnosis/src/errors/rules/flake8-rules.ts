import type { Near, Rule } from "../rule.ts";

/** Lines of one file's problems that are looked back over for its name. */
const FILE_WITHIN = 200;

/** flake8, and ruff and black, whose codes and words are the same. */
export const FLAKE8_RULES: readonly Rule[] = [
  {
    tool: "flake8",
    pattern:
      /^(?<file>[^\s:]+\.(?:pyi?|ipynb)):(?<line>\d+):(?<column>\d+): (?<code>[A-Z]{1,4}\d{2,4}|invalid-syntax):? (?<message>.+)$/,
    read: ({ code, message = "" }, near) =>
      code === "invalid-syntax" ||
      /^\[\*\] |`/.test(message) ||
      near.find(/^Found \d+ errors?\.$/, FILE_WITHIN) !== undefined
        ? { tool: "ruff", message: fixless(message) }
        : {},
  },
  {
    tool: "ruff",
    pattern: /^(?<code>[A-Z]{1,4}\d{3,4}|invalid-syntax|unformatted):? (?<message>\S.*)$/,
    read: ({ message = "" }, near) => {
      const place = /^\s*--> (?<file>[^:]+):(?<line>\d+):(?<column>\d+)$/.exec(near.at(1) ?? "");
      if (place === null) return undefined;
      return { ...place.groups, message: fixless(message), span: 1, last: endOfSource(near) };
    },
  },
  {
    tool: "ruff",
    pattern:
      /^\s{2}(?<line>\d+):(?<column>\d+)\s+(?<code>[A-Z]{1,4}\d{2,4}|invalid-syntax):? (?<message>\S.*)$/,
    read: ({ message = "" }, near) => {
      for (let offset = -1; offset >= -FILE_WITHIN; offset -= 1) {
        const text = near.at(offset) ?? "";
        if (text.trim() === "") return undefined;
        const file = /^(?<file>\S.*\.(?:pyi?|ipynb)):$/.exec(text)?.groups?.["file"];
        if (file !== undefined) return { file, message: fixless(message) };
      }
      return undefined;
    },
  },
  {
    tool: "ruff",
    pattern: /^error: Failed to parse (?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): (?<message>.+)$/,
  },
  {
    tool: "ruff",
    pattern: /^Would reformat: (?<file>\S.*)$/,
    read: () => ({ message: "would be reformatted" }),
  },
  {
    tool: "black",
    pattern: /^would reformat (?<file>\S.*\.(?:pyi?|ipynb))$/,
    read: () => ({ message: "would be reformatted" }),
  },
  { tool: "black", pattern: /^error: cannot format (?<file>[^\s:]+): (?<message>.+)$/ },
];

function fixless(message: string): string {
  return message.replace(/^\[\*\] /, "");
}

/** The source that is quoted below the place. */
function endOfSource(near: Near): number {
  let end = 1;
  while (end < 30 && /^\s*\d*\s*(?:[|+-]|\.\.\.)/.test(near.at(end + 1) ?? "")) end += 1;
  return end;
}
