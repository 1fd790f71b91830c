import type { LifecycleRecord } from "@loom/ports";
import { beginsAttempt } from "./begins-attempt.ts";
import type { VirtualDisk } from "../virtual/virtual-disk.ts";

/** How long a record may wait in memory, in milliseconds: docs/contract.md#events. */
const LONGEST_WAIT_MS = 50;

/** Follows every record from its emission to the operating system. */
export class DurabilityWatch {
  readonly #runDirectory: string;
  readonly #sizes = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting[]>();
  #lastSeq = 0;
  #durableSeq = 0;

  constructor(runDirectory: string) {
    this.#runDirectory = runDirectory;
  }

  /** Every record up to this one had reached the operating system at the end of the last moment. */
  get durableSeq(): number {
    return this.#durableSeq;
  }

  /** Observes a record placed in a stream. */
  written(
    streamPath: string,
    record: LifecycleRecord,
    facts: { readonly bytes: number; readonly atMs: number },
  ): void {
    if (beginsAttempt(record)) {
      if ((record.attempt ?? 1) > 1) this.#forgetSteps(`jobs/${record.job_id ?? ""}/user/execution/script/`);
    }
    this.#wait(streamPath, record.seq, { ...facts, atOnce: record.event !== "log" });
  }

  /** Observes output lines placed in a stream. */
  lines(streamPath: string, lastSeq: number, facts: { readonly bytes: number; readonly atMs: number }): void {
    this.#wait(streamPath, lastSeq, { ...facts, atOnce: false });
  }

  /** Checks the disk at the end of a moment; returns what should be there and is not. */
  check(disk: VirtualDisk, nowMs: number): string | undefined {
    let late: string | undefined;
    for (const [path, queue] of this.#waiting) {
      const size = disk.sizeOf(`${this.#runDirectory}/${path}`);
      const rest = queue.filter(({ end }) => end > size);
      const first = rest.find(({ atOnce, atMs }) => atOnce || nowMs - atMs > LONGEST_WAIT_MS);
      if (first !== undefined) {
        late ??= `record ${first.seq} of ${path} waits in memory since ${nowMs - first.atMs} ms${first.atOnce ? ", a boundary" : ""}`;
      }
      if (rest.length === 0) this.#waiting.delete(path);
      else this.#waiting.set(path, rest);
    }
    if (this.#waiting.size === 0) this.#durableSeq = this.#lastSeq;
    return late;
  }

  #wait(
    path: string,
    seq: number,
    facts: { readonly bytes: number; readonly atMs: number; readonly atOnce: boolean },
  ): void {
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    const end = (this.#sizes.get(path) ?? 0) + facts.bytes;
    this.#sizes.set(path, end);
    const queue = this.#waiting.get(path) ?? [];
    queue.push({ seq, end, atMs: facts.atMs, atOnce: facts.atOnce });
    this.#waiting.set(path, queue);
  }

  #forgetSteps(directory: string): void {
    for (const path of this.#sizes.keys()) {
      if (!path.startsWith(directory)) continue;
      this.#sizes.delete(path);
      this.#waiting.delete(path);
    }
  }
}

interface Waiting {
  readonly seq: number;
  /** The file's size including the record. */
  readonly end: number;
  readonly atMs: number;
  readonly atOnce: boolean;
}
