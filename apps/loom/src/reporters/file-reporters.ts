import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { err, ok, type Result } from "@loom/core";
import type { ReporterInFile } from "@loom/reporters";
import { findReporter, headingOf, type ReporterSource } from "@loom/runner";
import { openFileOutput } from "./file-output.ts";

/** Where the program stands, and how it complains. */
interface Place {
  readonly cwd: string;
  readonly warn: (message: string) => void;
}

/** Makes the reporters that write files. Each file is there before the run begins. */
export async function fileReporters(
  requested: readonly ReporterInFile[],
  { cwd, warn }: Place,
): Promise<Result<readonly ReporterSource[], string>> {
  const sources: ReporterSource[] = [];
  for (const { reporter, file } of requested) {
    const found = await findReporter(reporter, cwd);
    if (!found.ok) return err(found.error.message);
    const output = openFileOutput(resolve(cwd, file), (reason) =>
      warn(`Cannot write to "${file}": ${reason}`),
    );
    if (!output.ok)
      return err(`Cannot write to "${file}": ${output.error}. Name another file for --reporter ${reporter}`);
    sources.push(async (start) => {
      const inner = await found.value({
        output: output.value,
        heading: headingOf(start, cwd),
        token: randomUUID(),
      });
      return {
        record: (stream, record) => inner.record(stream, record),
        lines: (stream, batch) => inner.lines(stream, batch),
        flush: () => inner.flush(),
        drained: () => inner.drained?.(),
        finish: (end) => inner.finish(end),
        close: () => {
          inner.close?.();
          output.value.close();
        },
      };
    });
  }
  return ok(sources);
}
