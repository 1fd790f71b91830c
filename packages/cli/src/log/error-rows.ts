import { recogniseErrors, type RecognisedError } from "@loom/diagnosis/errors";
import { plainText } from "./line-matcher.ts";
import { decodeLogLine, type ScreenLine } from "./log-line.ts";
import type { RowFinder, ScannedRecord } from "./line-scan.ts";
import type { LineSource } from "./line-source.ts";

/** Lines around a line that a tool's report may need: the name of its file above, its source below. */
export const ERROR_CONTEXT = 40;

/** The rows of lines that report an error, as `loom explain` finds them; what Loom itself says is none. */
export function errorRows(lines: readonly ScreenLine[]): ReadonlySet<number> {
  return new Set(
    reportsIn(lines.filter(isPrinted))
      .filter(isError)
      .map(({ row }) => row),
  );
}

/** What the line at a row of a log reports; `undefined` where it reports nothing. */
export function errorAt(source: LineSource, row: number): RecognisedError | undefined {
  const from = Math.max(0, row - ERROR_CONTEXT);
  const lines = source.lines(from, row - from + ERROR_CONTEXT).filter(isPrinted);
  return reportsIn(lines).find((report) => report.row === row);
}

/** Finds the rows of a log that report an error, slice by slice. */
export function errorFinder(): RowFinder {
  let before: readonly Printed[] = [];
  return {
    find: (records) => {
      const printed = [...before, ...records.flatMap(printedOf)];
      before = printed.slice(-ERROR_CONTEXT);
      return reportsIn(printed)
        .filter(isError)
        .map(({ row }) => row);
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
  return [decodeLogLine(row, json)].filter(isPrinted);
}

function isPrinted({ stream }: ScreenLine): boolean {
  return stream === "out" || stream === "err";
}

/** What lines report, errors and warnings, with the rows that say so. */
function reportsIn(printed: readonly Printed[]): readonly (RecognisedError & Pick<Printed, "row">)[] {
  return recogniseErrors(printed.map(({ text }) => text)).flatMap((report) => {
    const line = printed[report.index];
    return line === undefined ? [] : [{ ...report, row: line.row }];
  });
}

function isError({ severity }: RecognisedError): boolean {
  return severity === "error";
}
