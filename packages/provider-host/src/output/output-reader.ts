import type { OutputStream } from "@loom/core";
import type { OutputSink } from "@loom/ports";
import type { LateOutput } from "./late-output.ts";

/** The reading end of a pipe, as far as it is needed here. */
export interface OutputSource {
  /** Reads on after `take` answered false. */
  resume(): void;
  /** Stops reading for good. */
  destroy(): void;
}

/**
 * Carries what a process writes to one of its outputs to the sink, chunk by chunk.
 *
 * The source calls `take` for every chunk and `closed` once, after the last.
 */
export class OutputReader {
  /** Resolves when there is nothing more to come, or the reader was muted, and the sink has taken everything. */
  readonly done: Promise<void>;
  /** Resolves when nothing more can come: nobody holds the other end any more, or `stop` was called. */
  readonly ended: Promise<void>;
  readonly #stream: OutputStream;
  readonly #sink: OutputSink;
  #source: OutputSource | undefined;
  #resolveDone: () => void = () => {};
  #resolveEnded: () => void = () => {};
  #chunkCount = 0;
  #behind = false;
  #open = true;
  /** Takes what comes once the step is over. */
  #late: LateOutput | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(stream: OutputStream, sink: OutputSink) {
    this.#stream = stream;
    this.#sink = sink;
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  /** How many chunks have come so far. */
  get chunkCount(): number {
    return this.#chunkCount;
  }

  /** Whether reading waits for the sink. */
  get behind(): boolean {
    return this.#behind;
  }

  /** Whether more may come. */
  get open(): boolean {
    return this.#open;
  }

  /** What the sink threw, which is a bug of the sink; or why reading broke off. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Names the source, before its first chunk. */
  attach(source: OutputSource): void {
    this.#source = source;
  }

  /**
   * Takes one chunk.
   *
   * @returns False when the source must not read on until `resume` is called.
   */
  take(chunk: Uint8Array): boolean {
    this.#chunkCount += 1;
    // The pipe is still emptied, so that whoever writes to it can go on, and end.
    this.#late?.take(this.#stream, chunk);
    if (this.#failure !== undefined || this.#late !== undefined) return true;
    try {
      const behind = this.#sink.write(this.#stream, chunk);
      if (behind === undefined) return true;
      this.#behind = true;
      behind.then(
        () => this.#caughtUp(),
        (error: unknown) => {
          this.fail(error);
          this.#caughtUp();
        },
      );
      return false;
    } catch (error) {
      this.fail(error);
      return true;
    }
  }

  /** Notes that reading broke off; the first failure counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Notes that nothing more will come. */
  closed(): void {
    this.#open = false;
    this.#resolveEnded();
    if (!this.#behind) this.#resolveDone();
  }

  /**
   * Hands nothing more to the sink, whose step is over, but reads on until `stop`.
   *
   * A background process that prints (a server that the next step talks to)
   * would be ended by SIGPIPE if nobody read, or hang once the pipe is full.
   *
   * @param late - Keeps what still comes.
   */
  mute(late: LateOutput): void {
    this.#late = late;
    if (!this.#behind) this.#resolveDone();
  }

  /** Stops reading, whatever is still in the pipe. */
  stop(): void {
    this.#source?.destroy();
  }

  #caughtUp(): void {
    this.#behind = false;
    if (this.#open) this.#source?.resume();
    if (this.#late !== undefined || !this.#open) this.#resolveDone();
  }
}
