import { unreachable, type RunId, type StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RunEnd } from "@loom/ports";
import { heldJob, mergedRecord } from "@loom/record";
import { heldCommands } from "./held-lines.ts";
import { PrintingReporter } from "./printing-reporter.ts";
import { decodeLines } from "../view/decode-lines.ts";

/** Records are written together up to this size. Unit: UTF-16 units; the size of a pipe's buffer on Linux. */
const WRITE_SIZE = 65_536;

const REPLACEMENT = "\uFFFD";

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Prints every record of every stream as one line of JSON, in the order of
 * `seq`.
 *
 * Lines are those of the streams. Where a stream's own name tells what a record
 * is about, so that the record need not, this merged one adds it: `job_id` and
 * `step` or `section` to `output` and to a section's `log`. The last line is
 * `{"event":"receipt",…}`; for a run that did not succeed, the one before it is
 * `{"event":"explanation",…}`. A job that is held after a step that failed is told once more, with the commands that it
 * waits for: `{"event":"job_paused",…}`.
 */
export class JsonReporter extends PrintingReporter {
  #runId: RunId | undefined;

  override record(stream: StreamRef, record: LifecycleRecord): void {
    this.#add(JSON.stringify(mergedRecord(stream, record)));
    if (record.event === "phase_start") this.#runId ??= record.run_id;
    const held = heldJob(stream, record);
    if (held === undefined) return;
    const { jobId, pause } = held;
    const commands = heldCommands(jobId, this.#runId);
    this.#add(JSON.stringify({ event: "job_paused", job_id: jobId, step: pause.step, commands }));
    this.flush();
  }

  override lines(stream: StreamRef, batch: LineBatch): void {
    const lines = decodeLines(batch);
    const middle = `,"ts":${JSON.stringify(batch.ts)},"event":"output"${origin(stream)},"stream":"${batch.stream}","text":`;
    const end = batch.partial ? ',"partial":true' : "";
    for (const [index, text] of lines.entries()) {
      const lossy = text.includes(REPLACEMENT) && isLossy(batch, index) ? ',"lossy":true' : "";
      this.#add(`{"seq":${batch.firstSeq + index}${middle}${JSON.stringify(text)}${end}${lossy}}`);
    }
    this.flush();
  }

  override async finish(end: RunEnd): Promise<void> {
    const explanation = await end.explain?.();
    if (explanation !== undefined) this.#add(JSON.stringify({ event: "explanation", explanation }));
    const { status, exitCode } = end.outcome;
    // Without a path when there is no receipt: JSON leaves it out.
    this.#add(JSON.stringify({ event: "receipt", path: end.receiptPath, status, exit_code: exitCode }));
    this.flush();
  }

  #add(line: string): void {
    this.print(`${line}\n`);
    if (this.pendingLength >= WRITE_SIZE) this.flush();
  }
}

function origin(stream: StreamRef): string {
  switch (stream.kind) {
    case "step":
      return `,"job_id":${JSON.stringify(stream.jobId)},"step":${stream.step}`;
    case "section":
      return `,"job_id":${JSON.stringify(stream.jobId)},"section":${JSON.stringify(stream.section)}`;
    case "job":
      return `,"job_id":${JSON.stringify(stream.jobId)}`;
    case "run":
    case "pipeline":
      return "";
    default:
      return unreachable(stream);
  }
}

/** Whether U+FFFD came from decoding, rather than from the input. */
function isLossy(batch: LineBatch, line: number): boolean {
  const start = line === 0 ? 0 : (batch.ends[line - 1] ?? 0) + 1;
  try {
    strictDecoder.decode(batch.bytes.subarray(start, batch.ends[line]));
    return false;
  } catch {
    return true;
  }
}
