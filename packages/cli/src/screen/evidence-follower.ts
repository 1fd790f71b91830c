import { openRun } from "@loom/artifacts";
import type { RecordedEvent } from "@loom/core";
import { followRecords } from "@loom/diagnosis";
import type { ViewModel } from "@loom/reporters/view";

/** What to follow. */
export interface FollowedRun {
  /** Absolute. */
  readonly directory: string;
  readonly model: ViewModel;
  /** Numbers of the records that the model has. */
  readonly seen: ReadonlySet<number>;
}

/** What happened to a run that is followed. */
export type FollowedChange =
  | ({ readonly kind: "record" } & RecordedEvent)
  /** Its receipt, absolute, if there is one. */
  | { readonly kind: "over"; readonly receiptPath: string | undefined };

/** Keeps a run that another process runs up to date, from its files, until it is over or its process is gone. */
export class EvidenceFollower {
  readonly #isAlive: (directory: string) => boolean | undefined;
  readonly #onChange: (change: FollowedChange) => void;
  #stop: AbortController | undefined;

  /** @param onChange - Called with each record of the run that is followed, and when it is over. */
  constructor(
    isAlive: (directory: string) => boolean | undefined,
    onChange: (change: FollowedChange) => void,
  ) {
    this.#isAlive = isAlive;
    this.#onChange = onChange;
  }

  /** Whether a run is followed. */
  get isFollowing(): boolean {
    return this.#stop !== undefined;
  }

  /** Follows a run in place of any other, if its process is alive and it is not over. */
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

  /** Follows nothing any more. */
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
