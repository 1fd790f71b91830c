import type { EpochMs, Emission, FactValue, LogLevel, OutputStream, StreamRef } from "@loom/core";
import type { Clock, LifecycleRecord, RecordSink } from "@loom/ports";

/**
 * Gives every record of a run its place and its time, and hands it to every sink.
 *
 * The one place where `seq` is counted: the order in which these methods are
 * called is the total order of the run. A sink that throws is detached and
 * noted in the run's stream; the others and the run continue.
 */
export class RecordStream {
  readonly #clock: Clock;
  #sinks: readonly RecordSink[];
  #lastSeq: number;
  #isSealed = false;
  /** How many pieces of work that belong together are under way, one within the other. */
  #depth = 0;
  #afterwards: (() => void)[] = [];
  /** The last moment that was written, and how. */
  #stamp: { readonly atMs: EpochMs; readonly ts: string } | undefined;

  /** @param lastSeq - The last `seq` that was given before. Default: none was. */
  constructor(clock: Clock, sinks: readonly RecordSink[], lastSeq = 0) {
    this.#clock = clock;
    this.#sinks = sinks;
    this.#lastSeq = lastSeq;
  }

  /** Records what one input of the machine emitted, all at the moment of that input. */
  emit(emissions: readonly Emission[], atMs: EpochMs): void {
    const ts = this.#timestamp(atMs);
    for (const { stream, event } of emissions) {
      this.#lastSeq += 1;
      this.#record(stream, { seq: this.#lastSeq, ts, ...event });
    }
    this.flush();
  }

  /** The next group of records is the last: notes that a sink gives cause for have no place after it. */
  seal(): void {
    this.#isSealed = true;
  }

  /**
   * Records something worth knowing, now.
   *
   * @returns The moment of it. What follows from a record happens at its moment: a replay knows no other.
   */
  log(
    stream: StreamRef,
    level: LogLevel,
    message: string,
    facts?: Readonly<Record<string, FactValue>>,
  ): EpochMs {
    const atMs = this.#clock.now();
    if (this.#isSealed) return atMs;
    this.#lastSeq += 1;
    const ts = this.#timestamp(atMs);
    this.#record(stream, { seq: this.#lastSeq, ts, event: "log", level, message, ...facts });
    return atMs;
  }

  /** Records lines of output, now. */
  lines(
    stream: StreamRef,
    output: OutputStream,
    found: { readonly bytes: Uint8Array; readonly ends: readonly number[]; readonly partial: boolean },
  ): void {
    const firstSeq = this.#lastSeq + 1;
    this.#lastSeq += found.ends.length;
    const batch = { stream: output, firstSeq, ts: this.#timestamp(this.#clock.now()), ...found };
    this.#tell((sink) => sink.lines(stream, batch));
  }

  /**
   * Does what must not be interrupted: whatever a sink asks for meanwhile by
   * `afterwards` waits until the outermost piece of such work is done.
   */
  batch(work: () => void): void {
    this.#depth += 1;
    try {
      work();
    } finally {
      this.#depth -= 1;
    }
    // Stryker disable next-line OptionalChaining: there is one.
    while (this.#depth === 0 && this.#afterwards.length > 0) this.#afterwards.shift()?.();
  }

  /** Does something once every sink has heard of what is being recorded: now, if nothing is. */
  defer(action: () => void): void {
    if (this.#depth === 0) action();
    else this.#afterwards.push(action);
  }

  /** Hands everything recorded so far to the operating system. */
  flush(): void {
    this.#tell((sink) => sink.flush());
  }

  /** Resolves when every sink can take more output; `undefined` when they can now. */
  drained(): Promise<void> | undefined {
    let waits: Promise<void>[] | undefined;
    this.#tell((sink) => {
      const wait = sink.drained?.();
      // Stryker disable next-line ArrayDeclaration: what is no promise is not waited for.
      if (wait !== undefined) (waits ??= []).push(wait);
    });
    return waits === undefined ? undefined : Promise.allSettled(waits).then(() => undefined);
  }

  #record(stream: StreamRef, record: LifecycleRecord): void {
    this.#tell((sink) => sink.record(stream, record));
  }

  /** Calls every sink. The note about one that throws comes after the others have heard, so that theirs stays in order. */
  #tell(call: (sink: RecordSink) => void): void {
    this.batch(() => {
      let failures: { readonly sink: RecordSink; readonly error: unknown }[] | undefined;
      for (const sink of this.#sinks) {
        try {
          call(sink);
        } catch (error) {
          (failures ??= []).push({ sink, error });
        }
      }
      for (const failure of failures ?? []) this.#detach(failure.sink, failure.error);
    });
  }

  #detach(broken: RecordSink, error: unknown): void {
    this.#sinks = this.#sinks.filter((sink) => sink !== broken);
    const cause = error instanceof Error ? error.message : String(error);
    this.log({ kind: "run" }, "warn", "A reader of the run failed and was detached", { cause });
  }

  #timestamp(atMs: EpochMs): string {
    // Stryker disable next-line ConditionalExpression: it saves time only.
    if (this.#stamp?.atMs !== atMs) {
      // oxlint-disable-next-line no-restricted-globals -- formats a time that came in, does not read the clock
      this.#stamp = { atMs, ts: new Date(atMs).toISOString() };
    }
    return this.#stamp.ts;
  }
}
