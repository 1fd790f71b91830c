import type { FoundError } from "./found-error.ts";

/** An error that a tool reported, in a line: `src/a.ts:41:7 Promises must be awaited (eslint no-floating-promises)`. */
export function foundErrorText({
  tool,
  message,
  file,
  line,
  column,
  code,
  test,
  severity,
}: FoundError): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  const by = [
    tool,
    ...(code === undefined ? [] : [code]),
    ...(severity === undefined ? [] : [severity]),
  ].join(" ");
  const what = test === undefined || message.includes(test) ? message : `${test}: ${message}`;
  return `${place === "" ? "" : `${place} `}${what} (${by})`;
}
