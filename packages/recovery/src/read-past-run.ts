import { readEvents, type ReadError, type RunReader } from "@loom/artifacts";
import { err, ok, type JobId, type LoomEvent, type OutputEvent, type Result } from "@loom/core";
import { streamAt, fromWireTime } from "@loom/record";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readTornEnd } from "./read-torn-end.ts";
import { SeqRanges } from "./seq-ranges.ts";
import type { PastEvent, ReadRun, StepOutput, TornStream } from "./past-run.ts";

/**
 * Reads all streams of a run. Memory grows with its jobs and steps, not with
 * their output.
 *
 * @returns The first thing that stands in the way: a stream that cannot be read, or a line that is not a record.
 */
export async function readRun(run: RunReader): Promise<Result<ReadRun, ReadError>> {
  const listed = await run.streams();
  if (!listed.ok) return listed;
  const reading = new Reading();
  for (const path of listed.value) {
    const refused = await reading.stream(run.directory, path);
    if (refused !== undefined) return err(refused);
  }
  return ok(reading.result());
}

class Reading {
  readonly #records: PastEvent[] = [];
  readonly #outputs = new Map<string, StepOutput>();
  readonly #mirrors = new Map<JobId, number[]>();
  readonly #torn: TornStream[] = [];
  readonly #seqs = new SeqRanges();
  #lastTs: string | undefined;
  #lastTsSeq = 0;

  /** Takes one stream; returns why it could not be read. */
  async stream(directory: string, path: string): Promise<ReadError | undefined> {
    const place = streamAt(path);
    if (place === undefined) return undefined;
    const file = join(directory, path);
    const mirrored: number[] = [];
    if (place.kind === "mirror") this.#mirrors.set(place.jobId, mirrored);
    const output = new OutputCount();
    for await (const { line, result } of readEvents(file)) {
      if (!result.ok) {
        if (result.error.code === "truncated_stream") {
          this.#torn.push({ path, ...readTornEnd(file, (await stat(file)).size) });
          continue;
        }
        return {
          code: line === 0 ? "ARTIFACTS_READ_FAILED" : "ARTIFACTS_INVALID_DOCUMENT",
          message: line === 0 ? result.error.message : `${result.error.message} ("${path}", line ${line})`,
          path: file,
        };
      }
      const event = result.value;
      if (place.kind === "mirror") {
        mirrored.push(event.seq);
        continue;
      }
      this.#note(event);
      if (event.event === "output") output.add(event);
      else {
        const atMs = fromWireTime(event.ts);
        this.#records.push({ stream: place.stream, record: event, atMs, path });
      }
    }
    if (place.kind !== "mirror" && place.stream.kind === "step") {
      const { jobId, step } = place.stream;
      this.#outputs.set(path, { jobId, step, lines: output.lines, bytes: output.bytes });
    }
    return undefined;
  }

  result(): ReadRun {
    return {
      records: this.#records.sort((a, b) => a.record.seq - b.record.seq),
      outputs: this.#outputs,
      mirrors: this.#mirrors,
      torn: this.#torn,
      gaps: this.#seqs.gaps(),
      lastSeq: this.#seqs.last,
      ...(this.#lastTs !== undefined && { lastTs: this.#lastTs }),
    };
  }

  #note({ seq, ts }: LoomEvent): void {
    this.#seqs.add(seq);
    // Stryker disable next-line EqualityOperator: no two records have the same number.
    if (seq < this.#lastTsSeq) return;
    this.#lastTsSeq = seq;
    this.#lastTs = ts;
  }
}

/** What is read of a run without streams. */
export const NOTHING: ReadRun = new Reading().result();

/** Counts output as the recorder does: a line that came in pieces is one line. */
class OutputCount {
  lines = 0;
  bytes = 0;
  readonly #unfinished = new Set<string>();

  add({ stream, text, partial }: OutputEvent): void {
    if (!this.#unfinished.has(stream)) this.lines += 1;
    this.bytes += Buffer.byteLength(text);
    if (partial === true) {
      this.#unfinished.add(stream);
    } else {
      this.#unfinished.delete(stream);
      this.bytes += 1;
    }
  }
}
