import type { StreamRef } from "@loom/core";
import type { LifecycleRecord, Reporter } from "@loom/ports";
import { endedCount, selectedCount, ViewModel } from "@loom/reporters/view";
import type { CallProgress } from "../tool-host.ts";

/** Tells a client how far a run is: whenever jobs have ended, and which of them failed. */
export class RunProgress implements Reporter {
  readonly #model = new ViewModel();
  readonly #tell: (progress: CallProgress) => void;
  #failed: string[] = [];
  #told = -1;

  constructor(tell: (progress: CallProgress) => void) {
    this.#tell = tell;
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    this.#model.record(stream, record);
    if (record.event !== "job_state" || record.to !== "failed") return;
    const job = this.#model.job(record.job_id);
    const tolerated = job?.status === "failed" && !job.blocking ? ", which is allowed" : "";
    this.#failed.push(`${record.job_id} failed${tolerated}`);
  }

  lines(): void {
    // A client is told of jobs; what they print is in the evidence.
  }

  flush(): void {
    const done = endedCount(this.#model.counts);
    const total = selectedCount(this.#model.counts);
    // Each has to be more than the one before.
    if (total === 0 || done <= this.#told) return;
    this.#told = done;
    const failed = this.#failed.map((text) => `; ${text}`).join("");
    this.#failed = [];
    this.#tell({ done, total, message: `${done}/${total} jobs done${failed}` });
  }

  finish(): void {
    // The answer of the call is the closing part.
  }
}
