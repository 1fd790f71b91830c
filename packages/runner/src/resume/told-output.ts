import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { JobId, OutputStream } from "@loom/core";
import type { ToldOutput } from "@loom/engine";
import { stepDirectory } from "@loom/record";

interface RecordedLine {
  readonly event: string;
  readonly attempt?: number;
  readonly stream?: OutputStream;
  readonly text?: string;
  readonly partial?: true;
  readonly lossy?: true;
}

/**
 * How much of the output of a step is in its stream.
 *
 * @param directory - Of the run; absolute.
 * @returns `undefined` where that cannot be told: the stream is of another attempt, or ends in the middle of a line that was not UTF-8.
 */
export async function toldOutput(
  directory: string,
  { jobId, attempt, step }: { readonly jobId: JobId; readonly attempt: number; readonly step: number },
): Promise<ToldOutput | undefined> {
  const told = { stdout: { lines: 0, bytes: 0 }, stderr: { lines: 0, bytes: 0 } };
  const unclear = new Set<OutputStream>();
  let isIt = false;
  const file = createReadStream(join(directory, stepDirectory(jobId, step), "events.jsonl"));
  try {
    for await (const line of createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY })) {
      const record = JSON.parse(line) as RecordedLine;
      if (record.event === "phase_start") isIt = (record.attempt ?? 1) === attempt;
      if (record.event !== "output" || record.stream === undefined) continue;
      const { stream, text = "" } = record;
      const known = told[stream];
      if (record.partial === true) {
        known.bytes += Buffer.byteLength(text);
        if (record.lossy === true) unclear.add(stream);
      } else {
        told[stream] = { lines: known.lines + 1, bytes: 0 };
        unclear.delete(stream);
      }
    }
  } catch {
    return undefined;
  }
  return isIt && unclear.size === 0 ? told : undefined;
}
