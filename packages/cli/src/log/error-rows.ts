import { recogniseErrors, type RecognisedError } from "@loom/diagnosis/errors";
import { plainText } from "./line-matcher.ts";
import { decodeLogLine, type ScreenLine } from "./log-line.ts";
import type { RowFinder, ScannedRecord } from "./line-scan.ts";
import type { LineSource } from "./line-source.ts";

/** How many lines above and below a line may belong to its report: the name of the file above, the source below. */
export const ERROR_CONTEXT = 40;

/** The rows of lines that report an error, as `loom explain` finds them. Messages of Loom itself do not count. */
export function errorRows(lines: readonly ScreenLine[]): ReadonlySet<number> {
  return new Set(
    reportsIn(lines.filter(isPrinted))
      .filter(isError)
      .map(({ row }) => row),
  );
}

/** The error or warning that the line at a row reports; `undefined` if it reports none. */
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

/** Whether a job printed a line. */
export function isPrinted({ stream }: ScreenLine): boolean {
  return stream === "out" || stream === "err";
}

/** The errors and warnings that lines report, with their rows. */
function reportsIn(printed: readonly Printed[]): readonly (RecognisedError & Pick<Printed, "row">)[] {
  return recogniseErrors(printed.map(({ text }) => text)).flatMap((report) => {
    const line = printed[report.index];
    return line === undefined ? [] : [{ ...report, row: line.row }];
  });
}

function isError({ severity }: RecognisedError): boolean {
  return severity === "error";
}
