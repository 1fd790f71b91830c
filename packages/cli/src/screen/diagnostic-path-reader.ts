import { unitEventsPath } from "@loom/reporters/view";
import { readDiagnosticPath, type DiagnosticPath } from "@loom/diagnosis";
import type { Scene } from "../state/scene.ts";
import type { VisibleRun } from "./visible-run.ts";

/** Reads how one gets to the failure in sight, once for each. */
export class DiagnosticPathReader {
  #path: DiagnosticPath | undefined;
  #asked = "";

  /** Of the failure that was asked for last; `undefined` until it is read. */
  get path(): DiagnosticPath | undefined {
    return this.#path;
  }

  /** The documents may be others by now: what is shown stays until they are read. */
  refresh(): void {
    this.#asked = "";
  }

  /** Another run is in sight. */
  forget(): void {
    this.#asked = "";
    this.#path = undefined;
  }

  /** Reads on when another failure is in sight. @param onChange - Called when it is there. */
  ask({ job, state, world }: Scene, { directory, receiptPath }: VisibleRun, onChange: () => void): void {
    if (state.view !== "failures" || job?.status !== "failed" || directory === undefined) return;
    const asked = `${directory} ${job.jobId} ${String(world.finished)}`;
    if (this.#asked === asked) return;
    this.#asked = asked;
    void readDiagnosticPath({
      jobId: job.jobId,
      runDirectory: directory,
      eventsPath: unitEventsPath(job.jobId, job.failure.unit),
      ...(receiptPath !== undefined && { receiptPath }),
    }).then((path) => {
      if (this.#asked !== asked) return;
      this.#path = path;
      onChange();
    });
  }
}
