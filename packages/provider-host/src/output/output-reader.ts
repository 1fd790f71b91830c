import type { OutputStream } from "@loom/core";
import type { OutputSink } from "@loom/ports";
import type { LateOutput } from "@loom/ports";

/** The read end of a pipe. */
export interface OutputSource {
  /** Continues reading after `take` returned false. */
  resume(): void;
  /** Stops reading for good. */
  destroy(): void;
}

/**
 * Forwards one output of a process to the sink, chunk by chunk.
 *
 * The source calls `take` for every chunk and `closed` once after the last.
 */
export class OutputReader {
  /** Resolves when nothing more can come or the reader is muted, and the sink has caught up. */
  readonly done: Promise<void>;
  /** Resolves when nothing more can come: the other end is closed, or `stop` was called. */
  readonly ended: Promise<void>;
  readonly #stream: OutputStream;
  readonly #sink: OutputSink;
  #source: OutputSource | undefined;
  #resolveDone: () => void = () => {};
  #resolveEnded: () => void = () => {};
  #chunkCount = 0;
  #behind = false;
  #open = true;
  /** Receives output after the step is over. */
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

  /** How many chunks have been received. */
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

  /** What the sink threw, which is a bug in it; or why reading failed. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /** Sets the source, before its first chunk. */
  attach(source: OutputSource): void {
    this.#source = source;
  }

  /**
   * Takes one chunk.
   *
   * @returns False if the source must pause until `resume` is called.
   */
  take(chunk: Uint8Array): boolean {
    this.#chunkCount += 1;
    // Keep draining the pipe, so that its writer can continue, and end.
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

  /** Records that reading failed; the first failure counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Records that nothing more will come. */
  closed(): void {
    this.#open = false;
    this.#resolveEnded();
    if (!this.#behind) this.#resolveDone();
  }

  /**
   * Stops forwarding to the sink, whose step is over, but keeps reading until `stop`.
   *
   * Without a reader, a background process that prints (a server that the next step talks to) would die of
   * SIGPIPE, or hang once the pipe is full.
   *
   * @param late - Receives further output.
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
