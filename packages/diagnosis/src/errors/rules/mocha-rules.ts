import type { Near, Rule, RuleReading } from "../rule.ts";
import { firstFrame, frameBehind, lastBefore, withCompared } from "./javascript-frames.ts";

const NEXT_MOCHA = /^\s{2}\d+\) /;

/** Titles of suites within each other. */
const TITLES = 12;

/** mocha. */
export const MOCHA_RULES: readonly Rule[] = [
  {
    tool: "mocha",
    pattern: /^\s{2}\d+\) (?<title>\S.*)$/,
    read: ({ title = "" }, near) => failure(title, near),
  },
];

/** Each title stands two columns further than the one above; the last ends with a colon. Titles may say anything. */
function failure(title: string, near: Near): RuleReading | undefined {
  const titles = [title];
  while (titles.length < TITLES) {
    const text = near.at(titles.length) ?? "";
    const indent = 5 + 2 * titles.length;
    if (text.length - text.trimStart().length !== indent) break;
    titles.push(text.trim());
  }
  if (titles.at(-1)?.endsWith(":") !== true) return undefined;
  let offset = titles.length;
  while (offset < titles.length + 3 && (near.at(offset) ?? "").trim() === "") offset += 1;
  const message = near.at(offset)?.trim() ?? "";
  const frame = firstFrame(near, offset + 1, NEXT_MOCHA);
  const isError = /^(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?(?::|$)/.test(message);
  // Without a name and a stack, only the titles within each other are mocha's.
  const isReport =
    isError || frame !== undefined || (titles.length > 1 && /^\s{5,6}\S/.test(near.at(offset) ?? ""));
  if (message === "" || !isReport) return undefined;
  const own = frame === undefined ? undefined : frameBehind(near, frame);
  // Mocha names the file of a test that took too long.
  const file = / \((?<file>\/[^()\s]+)\)$/.exec(message)?.groups?.["file"];
  const end = frame ?? lastBefore(near, offset, NEXT_MOCHA);
  return {
    message: withCompared(message, near, offset),
    ...(own ?? (file !== undefined && { file })),
    test: titles.join(" ").replace(/:$/, ""),
    offset,
    span: end,
    first: 0,
    last: frame !== undefined && own === undefined ? end - 1 : end,
  };
}
