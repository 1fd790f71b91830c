import type { OutputStream, StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RecordSink } from "@loom/ports";

/** A line of output with its bytes as printed. */
export interface TrueLine {
  readonly event: "output";
  readonly seq: number;
  readonly ts: string;
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
  readonly partial: boolean;
}

/** One record, where it belongs, and when it was emitted. */
export interface TrueRecord {
  readonly stream: StreamRef;
  readonly record: LifecycleRecord | TrueLine;
  /** Virtual milliseconds. */
  readonly atMs: number;
}

/** A sink that keeps every record as emitted, to compare the evidence with. */
export class Truth implements RecordSink {
  readonly #now: () => number;
  readonly #onRecord: (record: TrueRecord) => void;
  readonly #records: TrueRecord[] = [];
  readonly #moments = new Set<number>();

  /**
   * @param now - Virtual milliseconds.
   * @param onRecord - Called with every record once it is kept.
   */
  constructor(now: () => number, onRecord: (record: TrueRecord) => void) {
    this.#now = now;
    this.#onRecord = onRecord;
  }

  /** In order of arrival. */
  get records(): readonly TrueRecord[] {
    return this.#records;
  }

  /** The number of records each time a batch was complete. */
  get moments(): ReadonlySet<number> {
    return this.#moments;
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    this.#keep({ stream, record, atMs: this.#now() });
  }

  lines(stream: StreamRef, batch: LineBatch): void {
    const atMs = this.#now();
    let start = 0;
    for (const [index, end] of batch.ends.entries()) {
      const bytes = batch.bytes.slice(start, end);
      const { ts, partial } = batch;
      const seq = batch.firstSeq + index;
      this.#keep({
        stream,
        atMs,
        record: { event: "output", seq, ts, stream: batch.stream, bytes, partial },
      });
      start = end + 1;
    }
  }

  flush(): void {
    this.#moments.add(this.#records.length);
  }

  #keep(record: TrueRecord): void {
    this.#records.push(record);
    this.#onRecord(record);
  }
}
