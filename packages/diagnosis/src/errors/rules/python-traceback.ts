import type { Near, RuleReading } from "../rule.ts";

const FRAME = /^\s+File "(?<file>[^"]+)", line (?<line>\d+)/;

const RAISED = /^(?<code>[A-Za-z_][\w.]*)(?:: (?<message>.+))?$/;

/** Lines of one traceback at most; Python itself shortens recursion. */
const TRACEBACK_LINES = 300;

/** The deepest frame outside of Python and its packages says where to look; the exception stands below the frames. */
export function traceback(near: Near, start: number): RuleReading | undefined {
  let deepest: Readonly<Record<string, string | undefined>> | undefined;
  let own: Readonly<Record<string, string | undefined>> | undefined;
  let first = start;
  for (let offset = start + 1; offset < start + TRACEBACK_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined) return undefined;
    const frame = FRAME.exec(text)?.groups;
    if (frame !== undefined) {
      deepest = frame;
      const file = frame["file"] ?? "";
      if (!isPythonLibrary(file)) {
        own = frame;
        first = offset;
      }
      continue;
    }
    if (text === "" || /^\s/.test(text)) continue;
    if (!RAISED.test(text)) return undefined;
    const { file, line } = own ?? deepest ?? {};
    return { message: text, file, line, offset, first };
  }
  return undefined;
}

/** Whether a file is one of Python itself or of an installed package. */
export function isPythonLibrary(file: string): boolean {
  return /(?:^<|[/\\](?:site-packages|dist-packages|lib[/\\]python\d)[./\\])/.test(file);
}
