import type { OutputStream, StreamRef } from "@loom/core";
import type { Clock, OutputSink } from "@loom/ports";
import { LineSplitter } from "./line-splitter.ts";
import type { JobEvents } from "./job-host.ts";

/**
 * How long an unfinished line may be held back before it is recorded as a partial piece.
 *
 * Unit: milliseconds. Source: docs/contract.md#events; a prompt without a
 * newline must show up while it waits.
 */
export const PARTIAL_LINE_DELAY_MS = 250;

/**
 * Turns the raw output of one process into records. Close it when the process has ended:
 * what comes later has no place in the streams any more and is left out.
 */
export class OutputLines implements OutputSink {
  readonly #events: Pick<JobEvents, "lines" | "flush" | "drained">;
  readonly #clock: Clock;
  readonly #splitters: { readonly [S in OutputStream]: LineSplitter };
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  constructor(events: Pick<JobEvents, "lines" | "flush" | "drained">, clock: Clock, stream: StreamRef) {
    this.#events = events;
    this.#clock = clock;
    const splitter = (output: OutputStream): LineSplitter =>
      new LineSplitter((bytes, ends, partial) => events.lines(stream, output, { bytes, ends, partial }));
    this.#splitters = { stdout: splitter("stdout"), stderr: splitter("stderr") };
  }

  write(output: OutputStream, chunk: Uint8Array): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    this.#splitters[output].push(chunk);
    if (this.#heldBytes() > 0)
      this.#cancelTimer ??= this.#clock.after(PARTIAL_LINE_DELAY_MS, () => this.#flushPartial());
    return this.#events.drained();
  }

  /** Records what is left of unfinished lines. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#splitters.stdout.end();
    this.#splitters.stderr.end();
  }

  #flushPartial(): void {
    this.#cancelTimer = undefined;
    this.#splitters.stdout.flush();
    this.#splitters.stderr.flush();
    this.#events.flush();
  }

  #heldBytes(): number {
    return this.#splitters.stdout.heldBytes + this.#splitters.stderr.heldBytes;
  }
}
