import { lineIndexAt, type SourceFile } from "./source-file.ts";
import type { SyntaxFinding } from "./syntax-finding.ts";

/** Where the structure of a file was lost, and what to do about it. */
type Explanation = Pick<SyntaxFinding, "start" | "end" | "message">;

/**
 * Says what a person did that cost a file its structure, where the line tells
 * it: the parser only knows at which token it was stuck.
 *
 * @param finding - Where the parser was stuck, and what it has to say.
 */
export function explainLoss(
  file: SourceFile,
  { start: at, message }: Pick<SyntaxFinding, "start" | "message">,
): Explanation | undefined {
  const index = lineIndexAt(file, at);
  const line = lineAt(file, index);
  return (
    tabIn(line) ??
    tabIn(lineAt(file, index + 1)) ??
    keyWithoutColon(line) ??
    commandInBrackets(line) ??
    colonInValue(line) ??
    (message.includes("unexpected") ? afterClosed(line, at) : undefined) ??
    bracketInText(line, at) ??
    strayBracket(line, at) ??
    cutByComment(file, index) ??
    deeperThanItsKey(line, lineAt(file, index + 1))
  );
}

interface Line {
  readonly start: number;
  readonly text: string;
}

function lineAt(file: SourceFile, index: number): Line {
  const start = file.lineStarts[index];
  if (start === undefined) return { start: file.text.length, text: "" };
  const text = file.text.slice(start, (file.lineStarts[index + 1] ?? file.text.length + 1) - 1);
  return { start, text: text.slice(0, MAX_LINE).trimEnd() };
}

/** More of a line is not looked at. Unit: UTF-16 code units. */
const MAX_LINE = 2000;

/** Part of a line, where a pattern found it. */
function part(line: Line, [from, length]: readonly [number, number], message: string): Explanation {
  const start = line.start + from;
  return { start, end: start + Math.max(1, length), message };
}

function tabIn(line: Line): Explanation | undefined {
  const [indent = ""] = /^[ \t]*/.exec(line.text) ?? [];
  const tab = indent.indexOf("\t");
  if (tab === -1 || indent.length === line.text.length) return undefined;
  return part(line, [tab, 1], "indent with spaces instead of tabs");
}

/** `variables {A: b}`, `stages [a]`. */
function keyWithoutColon(line: Line): Explanation | undefined {
  const match = /^( *(?:- +)?)([A-Za-z_.][\w.-]*) +[[{]/.exec(line.text);
  if (match === null || line.text.trimStart().startsWith("- ")) return undefined;
  const [, lead = "", key = ""] = match;
  return part(line, [lead.length, key.length], `put a colon after "${key.slice(0, 80)}"`);
}

/** `- [ -f x ] && make`, `- {a, b} c`. */
function commandInBrackets(line: Line): Explanation | undefined {
  const match = /^( *- +)([[{]).*[\]}]+ *[^\]},# ]/.exec(line.text);
  if (match === null) return undefined;
  const [, lead = "", bracket = ""] = match;
  const length = line.text.length - lead.length;
  return part(line, [lead.length, length], `put the whole command in quotes: it starts with ${bracket}`);
}

/** `MSG: error: none`. */
function colonInValue(line: Line): Explanation | undefined {
  const match = /^( *(?:- +)?[A-Za-z_.][\w.-]*: +)[^\s"'[{|>#&*!].*:(?: |$)/.exec(line.text);
  if (match === null) return undefined;
  const lead = match[1]?.length ?? 0;
  return part(line, [lead, line.text.length - lead], 'put this value in quotes: it contains ": "');
}

/** `{a: b} c`, `"a" b`: text behind a value that has ended. */
function afterClosed(line: Line, at: number): Explanation | undefined {
  const column = at - line.start;
  const end = line.text.slice(0, column).trimEnd().at(-1) ?? "";
  if (!/[\]}'"]/.test(end) || !/[^\]},:#]/.test(line.text.charAt(column))) return undefined;
  const message = `put the whole value in quotes, or remove what follows the ${end}`;
  return part(line, [column, line.text.length - column], message);
}

/** `pypy3{10`, inside brackets. */
function bracketInText(line: Line, at: number): Explanation | undefined {
  const column = at - line.start;
  const bracket = line.text.charAt(column);
  if (!/[[{]/.test(bracket) || !/\w/.test(line.text.charAt(column - 1))) return undefined;
  return part(line, [column, 1], `put this value in quotes: it contains ${bracket}`);
}

/** A bracket that closes nothing. */
function strayBracket(line: Line, at: number): Explanation | undefined {
  const bracket = line.text.charAt(at - line.start);
  if (bracket !== "]" && bracket !== "}") return undefined;
  return part(line, [at - line.start, 1], `remove this ${bracket}: it closes nothing`);
}

/** A comment line within a command that goes on below it. */
function cutByComment(file: SourceFile, index: number): Explanation | undefined {
  for (let before = index; before >= Math.max(0, index - 3); before -= 1) {
    const line = lineAt(file, before);
    const mark = /^ +(?=#)/.exec(line.text)?.[0].length;
    if (mark === undefined) continue;
    const [above, below] = [lineAt(file, before - 1), lineAt(file, before + 1)].map(indentOf);
    if (above === undefined || below === undefined || below <= above) continue;
    return part(line, [mark, line.text.length - mark], "move this comment out: the command ends at it");
  }
  return undefined;
}

/** A key that is deeper than the one with a value above it. */
function deeperThanItsKey(line: Line, next: Line): Explanation | undefined {
  if (!/^ *[\w.-]+: +[^\s|>]/.test(line.text) || !/^ *[\w.-]+:(?: |$)/.test(next.text)) return undefined;
  const [wanted = 0, indent = 0] = [indentOf(line), indentOf(next)];
  if (indent <= wanted) return undefined;
  const spaces = wanted === 1 ? "1 space" : `${wanted} spaces`;
  const message =
    wanted === 0
      ? "do not indent this: the line above is not"
      : `indent this by ${spaces}, as the line above`;
  return part(next, [indent, next.text.length - indent], message);
}

function indentOf({ text }: Line): number | undefined {
  return text === "" ? undefined : text.length - text.trimStart().length;
}
