import type { StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, Reporter, RunEnd } from "@loom/ports";
import type { TextOutput } from "./reporter.ts";

/**
 * A reporter that prints text: collects it while records come, and writes it
 * once a batch of them is over.
 *
 * A subclass prints in `record`, `lines` and `finish`; `finish` ends with a
 * `flush`.
 */
export abstract class PrintingReporter implements Reporter {
  readonly #output: TextOutput;
  #pending = "";
  #isClosed = false;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  abstract record(stream: StreamRef, record: LifecycleRecord): void;

  abstract lines(stream: StreamRef, batch: LineBatch): void;

  abstract finish(end: RunEnd): void | Promise<void>;

  flush(): void {
    if (this.#pending === "" || this.#isClosed) return;
    this.#output.write(this.#pending);
    this.#pending = "";
  }

  /** Writes what waits, and nothing from then on. */
  close(): void {
    this.flush();
    this.#isClosed = true;
  }

  drained(): Promise<void> | undefined {
    return this.#output.drained?.();
  }

  /** How much waits to be written. Unit: UTF-16 units. */
  protected get pendingLength(): number {
    return this.#pending.length;
  }

  /** @param text - Whole lines, each with its newline. */
  protected print(text: string): void {
    this.#pending += text;
  }

  /** Forgets what was not written yet. */
  protected forget(): void {
    this.#pending = "";
  }
}
