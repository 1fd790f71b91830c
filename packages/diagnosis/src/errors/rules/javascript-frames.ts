import type { Near, RuleReading } from "../rule.ts";

/** A stack frame with its place: `at name (file:1:2)` or `at file:1:2`. */
const FRAME = /^\s+at (?:.*\()?(?<file>(?:file:\/\/)?(?:[A-Za-z]:)?[^\s():]+):(?<line>\d+):(?<column>\d+)\)?/;

/** Lines of what a test runner reports of one test: differences between values come before the frames. */
const REPORT_LINES = 60;

/** Frames that are looked at for one outside of Node and dependencies. */
const FRAMES = 30;

/** What `node:assert` compared, in a line of its own below `…:`. */
const COMPARED = /^\s*(?<compared>\S.* (?:!==|!=|==|===) .*\S)\s*$/;

/** A message of `node:assert` that ends in a colon, with the values that it compared. @param offset - Of the message. */
export function withCompared(message: string, near: Near, offset: number): string {
  if (!message.endsWith(":") || (near.at(offset + 1) ?? "").trim() !== "") return message;
  const compared = COMPARED.exec(near.at(offset + 2) ?? "")?.groups?.["compared"];
  return compared === undefined ? message : `${message} ${compared}`;
}

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

/** The last line of a report: before the next one begins, and of what follows its place only the quoted source. */
export function lastBefore(near: Near, from: number, next: RegExp, quoted?: RegExp): number {
  let end = from;
  for (let offset = from + 1; offset <= from + 30; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || next.test(text)) break;
    if (quoted !== undefined && text.trim() !== "" && !quoted.test(text)) break;
    if (text.trim() !== "") end = offset;
  }
  return end;
}
