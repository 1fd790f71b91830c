import type { StreamRef } from "@loom/core";
import type { RunHandle } from "@loom/engine";
import type { Clock, LifecycleRecord, RecordSink } from "@loom/ports";
import { loadPart } from "../workflow/load-part.ts";
import type { RunControl } from "./run-control.ts";

/** A run that is over by then has not cost what it takes to listen. Unit: milliseconds. */
const LISTENS_AFTER_MS = 150;

/**
 * The control channel of a run, from its first moments to its end. What it
 * takes is loaded when the run has gone on for a moment.
 *
 * A run that cannot be asked anything is run all the same, as where the file
 * system has no sockets.
 */
export class ControlChannel implements RecordSink {
  readonly #runDirectory: string;
  /** What came before it was loaded. */
  #early: (readonly [StreamRef, LifecycleRecord])[] = [];
  #control: RunControl | undefined;
  #opened: Promise<void> | undefined;
  #cancelTimer = (): void => undefined;

  /** @param runDirectory - Absolute. */
  constructor(runDirectory: string) {
    this.#runDirectory = runDirectory;
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    if (this.#control === undefined) this.#early.push([stream, record]);
    else this.#control.record(stream, record);
  }

  lines(): void {
    // The state of a run is told without its output.
  }

  flush(): void {
    // Nothing waits.
  }

  /** Listens from soon on. */
  openFor(handle: RunHandle, clock: Clock): void {
    this.#cancelTimer = clock.after(LISTENS_AFTER_MS, () => {
      this.#opened = this.#open(handle);
    });
  }

  /** Lets who follows the run have its last records, and listens no more. */
  async close(): Promise<void> {
    this.#cancelTimer();
    await this.#opened;
    await this.#control?.close();
  }

  async #open(handle: RunHandle): Promise<void> {
    const loaded = await loadPart("listens to requests", async () => import("./run-control.ts"));
    if (!loaded.ok) return;
    const control = new loaded.value.RunControl(this.#runDirectory, handle);
    for (const [stream, record] of this.#early) control.record(stream, record);
    this.#early = [];
    this.#control = control;
    await control.open();
  }
}
