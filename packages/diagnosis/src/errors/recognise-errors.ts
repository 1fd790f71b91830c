import { plainLine } from "./plain-line.ts";
import type { RecognisedError } from "./recognised-error.ts";
import { nearLine, type Rule, type RuleReading } from "./rule.ts";
import { candidateRules } from "./candidate-rules.ts";
import { RULES } from "./rules/all-rules.ts";

/** What BuildKit puts before each line of a step: its number and the time. */
const BUILDKIT = /^#\d{1,6} \d{1,9}\.\d{1,9} /;

/** The rules that may read a line. */
const candidates = candidateRules(RULES);

/**
 * Finds the errors and warnings in what tools printed.
 *
 * Each form is recognised by its layout, not by the command that was run: the
 * output of a script that calls five tools is read as well. Colours are passed
 * over. The time grows with the number of lines; of a long line, the first
 * 2,000 characters are looked at.
 *
 * @param lines - Lines without their newlines, in order; a part of an output will do.
 * @returns In the order of their lines, each line at most once.
 */
export function recogniseErrors(lines: readonly string[]): readonly RecognisedError[] {
  const plain = lines.map((line) => plainLine(line).replace(BUILDKIT, ""));
  const found: RecognisedError[] = [];
  for (let index = 0; index < plain.length; index += 1) {
    const line = plain[index] ?? "";
    const read = line.length < 3 ? undefined : readLine(plain, index, line);
    if (read === undefined) continue;
    if (read.error === undefined) {
      if (read.handledSince !== undefined) dropHandled(found, plain, index, read.handledSince);
      index += read.span;
      continue;
    }
    // A rule may point back at a line; one that has spoken already is not given again.
    const { error } = read;
    const last = found.at(-1)?.index ?? -1;
    const behind = found.at(-1)?.last ?? -1;
    const first = Math.max(error.first, Math.min(behind + 1, index));
    found.push(
      error.index > last
        ? { ...error, first: Math.min(first, error.index) }
        : { ...error, index, first: index, last: Math.max(index, error.last) },
    );
    index += read.span;
  }
  return found;
}

/** What a line says. */
interface Read {
  readonly error: RecognisedError | undefined;
  /** How many lines behind it say nothing of their own. */
  readonly span: number;
  readonly handledSince: RegExp | undefined;
}

/** Takes back the errors of a command that was allowed to fail. Line `index` says so. */
function dropHandled(found: RecognisedError[], lines: readonly string[], index: number, since: RegExp): void {
  let start = index - 1;
  while (start >= 0 && !since.test(lines[start] ?? "")) start -= 1;
  const tools = new Set<string>();
  let next = index;
  for (let at = found.length - 1; at >= 0; at -= 1) {
    const error = found[at];
    if (error === undefined || error.first <= start) return;
    if (error.severity === "warning") continue;
    // What a tool quotes below its message goes on up to a blank line.
    const between = lines.slice(error.last + 1, next).map((line) => line.trim());
    const isRightBefore = !between
      .slice(
        0,
        between.findLastIndex((line) => line !== ""),
      )
      .includes("");
    if (!isRightBefore && !tools.has(error.tool)) return;
    tools.add(error.tool);
    next = error.first;
    found.splice(at, 1);
  }
}

function readLine(lines: readonly string[], index: number, line: string): Read | undefined {
  for (const rule of candidates(line)) {
    const match = rule.pattern.exec(line);
    if (match === null) continue;
    const groups = match.groups ?? {};
    const reading = rule.read === undefined ? {} : rule.read(groups, nearLine(lines, index));
    if (reading === undefined) continue;
    return {
      error:
        reading.ignore === true || reading.handledSince !== undefined
          ? undefined
          : errorOf(rule, { index, line, groups, reading }),
      span: reading.span ?? reading.offset ?? 0,
      handledSince: reading.handledSince,
    };
  }
  return undefined;
}

function errorOf(
  rule: Rule,
  from: {
    readonly index: number;
    readonly line: string;
    readonly groups: Readonly<Record<string, string | undefined>>;
    readonly reading: RuleReading;
  },
): RecognisedError {
  const { groups, reading } = from;
  const { offset = 0 } = reading;
  const message = (reading.message ?? groups["message"] ?? from.line).trim();
  const file = "file" in reading ? reading.file : groups["file"];
  const line = place("line" in reading ? reading.line : groups["line"]);
  const column = place("column" in reading ? reading.column : groups["column"]);
  const code = ("code" in reading ? reading.code : groups["code"])?.trim();
  const test = ("test" in reading ? reading.test : groups["test"])?.trim();
  const severity = reading.severity ?? groups["severity"];
  return {
    index: from.index + offset,
    first: from.index + Math.min(offset, reading.first ?? offset),
    last: from.index + Math.max(offset, reading.last ?? reading.span ?? offset),
    tool: reading.tool ?? rule.tool,
    message: message === "" ? from.line.trim() : message,
    ...(file !== undefined && file !== "" && { file: pathOf(file) }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    severity:
      rule.severity ??
      (severity !== undefined && /^(?:warn|note|info|style)/i.test(severity) ? "warning" : "error"),
    ...(code !== undefined && code !== "" && { code }),
    ...(test !== undefined && test !== "" && { test }),
    role: reading.role ?? rule.role ?? "cause",
  };
}

/** Runners of many packages put the package's name before each line. */
function pathOf(file: string): string {
  const path = file.slice(file.lastIndexOf(": ") + 1).trimStart();
  return path.startsWith("file://") ? path.slice("file://".length) : path;
}

function place(digits: string | undefined): number | undefined {
  if (digits === undefined || digits.length > 9) return undefined;
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : undefined;
}
