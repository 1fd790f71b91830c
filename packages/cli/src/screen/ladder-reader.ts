import { unitEventsPath } from "@loom/reporters/view";
import { readLadder, type Ladder } from "../record/read-ladder.ts";
import type { Scene } from "../state/scene.ts";
import type { RunInSight } from "./run-in-sight.ts";

/** Reads how one gets to the failure in sight, once for each. */
export class LadderReader {
  #ladder: Ladder | undefined;
  #asked = "";

  /** Of the failure that was asked for last; `undefined` until it is read. */
  get ladder(): Ladder | undefined {
    return this.#ladder;
  }

  /** The documents may be others by now: what is shown stays until they are read. */
  refresh(): void {
    this.#asked = "";
  }

  /** Another run is in sight. */
  forget(): void {
    this.#asked = "";
    this.#ladder = undefined;
  }

  /** Reads on when another failure is in sight. @param onChange - Called when it is there. */
  ask({ job, state, world }: Scene, { directory, receiptPath }: RunInSight, onChange: () => void): void {
    if (state.view !== "failures" || job?.status !== "failed" || directory === undefined) return;
    const asked = `${directory} ${job.jobId} ${String(world.finished)}`;
    if (this.#asked === asked) return;
    this.#asked = asked;
    void readLadder({
      jobId: job.jobId,
      runDirectory: directory,
      eventsPath: unitEventsPath(job.jobId, job.failure.unit),
      ...(receiptPath !== undefined && { receiptPath }),
    }).then((ladder) => {
      if (this.#asked !== asked) return;
      this.#ladder = ladder;
      onChange();
    });
  }
}
