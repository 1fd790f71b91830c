import { openRun } from "@loom/artifacts";
import type { RecordedEvent } from "@loom/core";
import { followRecords } from "@loom/diagnosis";
import type { ViewModel } from "@loom/reporters/view";

/** A run to follow. */
export interface FollowedRun {
  /** Absolute path of its folder. */
  readonly directory: string;
  readonly model: ViewModel;
  /** Sequence numbers of the records that the model already has. */
  readonly seen: ReadonlySet<number>;
}

/** A change of the followed run. */
export type FollowedChange =
  /** A new record, which the model has by now. */
  | ({ readonly kind: "record" } & RecordedEvent)
  /** The run is over, or its process is gone. `receiptPath`: absolute, if it has a receipt. */
  | { readonly kind: "over"; readonly receiptPath: string | undefined };

/** Updates the model of another process's run from its files, until the run is over or its process is gone. */
export class EvidenceFollower {
  readonly #isAlive: (directory: string) => boolean | undefined;
  readonly #onChange: (change: FollowedChange) => void;
  #stop: AbortController | undefined;

  /**
   * @param isAlive - Whether the process of the run in a folder is alive; `undefined` if unknown.
   * @param onChange - Called after each record, and once when the run is over.
   */
  constructor(
    isAlive: (directory: string) => boolean | undefined,
    onChange: (change: FollowedChange) => void,
  ) {
    this.#isAlive = isAlive;
    this.#onChange = onChange;
  }

  /** Whether it follows a run. */
  get isFollowing(): boolean {
    return this.#stop !== undefined;
  }

  /** Follows a run instead of the current one, unless the run is over or its process is not known to be alive. */
  follow(run: FollowedRun): void {
    this.stop();
    if (run.model.view().phase === "finished" || this.#isAlive(run.directory) !== true) return;
    const stop = new AbortController();
    this.#stop = stop;
    void this.#read(run, stop.signal).then(async () => {
      const closed = await openRun(run.directory);
      if (this.#stop !== stop) return;
      this.#stop = undefined;
      this.#onChange({ kind: "over", receiptPath: closed.ok ? closed.value.receiptPath : undefined });
    });
  }

  /** Stops following. */
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #read({ directory, model, seen }: FollowedRun, signal: AbortSignal): Promise<void> {
    const run = await openRun(directory);
    if (!run.ok) return;
    const records = followRecords(run.value, { signal, isAlive: () => this.#isAlive(directory) });
    for await (const recorded of records) {
      if (signal.aborted) return;
      const { stream, record } = recorded;
      if (seen.has(record.seq)) continue;
      model.record(stream, record);
      this.#onChange({ kind: "record", ...recorded });
    }
  }
}
