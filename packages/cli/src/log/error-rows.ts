import { recogniseErrors, type RecognisedError } from "@loom/diagnosis/errors";
import { plainText } from "./line-matcher.ts";
import { decodeLogLine, type LogLine } from "./log-line.ts";
import type { RowFinder, ScannedRecord } from "./line-scan.ts";
import type { LineSource } from "./line-source.ts";

/** Lines around a line that a tool's report may need: the name of its file above, its source below. */
export const ERROR_CONTEXT = 40;

/** The rows of lines that report an error, as `loom explain` finds them; what Loom itself says is none. */
export function errorRows(lines: readonly LogLine[]): ReadonlySet<number> {
  const printed = lines.filter(({ stream }) => stream !== "sys");
  return new Set(errorsIn(printed.map(({ text }) => text)).flatMap((index) => printed[index]?.row ?? []));
}

/** The error that a row of a log reports; `undefined` where it reports none. */
export function errorAt(source: LineSource, row: number): RecognisedError | undefined {
  const from = Math.max(0, row - ERROR_CONTEXT);
  const printed = source.lines(from, row - from + ERROR_CONTEXT).filter(({ stream }) => stream !== "sys");
  const errors = recogniseErrors(printed.map(({ text }) => text));
  return errors.find(({ index }) => printed[index]?.row === row);
}

/** Finds the rows of a log that report an error, slice by slice. */
export function errorFinder(): RowFinder {
  let before: readonly Printed[] = [];
  return {
    find: (records) => {
      const printed = [...before, ...records.flatMap(printedOf)];
      before = printed.slice(-ERROR_CONTEXT);
      return errorsIn(printed.map(({ text }) => text)).flatMap((index) => printed[index]?.row ?? []);
    },
  };
}

interface Printed {
  readonly row: number;
  readonly text: string;
}

function printedOf({ row, json }: ScannedRecord): readonly Printed[] {
  const plain = plainText(json);
  if (plain !== undefined) return [{ row, text: plain }];
  const { stream, text } = decodeLogLine(row, json);
  return stream === "sys" ? [] : [{ row, text }];
}

function errorsIn(texts: readonly string[]): readonly number[] {
  return recogniseErrors(texts).flatMap(({ severity, index }) => (severity === "error" ? [index] : []));
}
