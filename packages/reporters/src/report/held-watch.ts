import { isTerminal, type JobId, type StreamRef } from "@loom/core";
import type { LifecycleRecord, Reporter } from "@loom/ports";
import { attemptStart, heldJob } from "@loom/record";

/** Says when nothing of a run goes on any more but jobs that are held. Prints nothing. */
export class HeldWatch implements Reporter {
  readonly #tell: (held: readonly JobId[]) => void;
  readonly #running = new Set<JobId>();
  readonly #held = new Set<JobId>();
  #isTold = false;

  /** @param tell - Called each time that it comes to that, with the jobs that are held. */
  constructor(tell: (held: readonly JobId[]) => void) {
    this.#tell = tell;
  }

  record(stream: StreamRef, record: LifecycleRecord): void {
    const held = heldJob(stream, record);
    if (held !== undefined) this.#held.add(held.jobId);
    if ("jobId" in stream && attemptStart(stream, record) !== undefined) this.#goesOn(stream.jobId);
    if (record.event === "log" && typeof record["resume_job"] === "string")
      this.#goesOn(record["resume_job"] as JobId);
    if (record.event !== "job_state") return;
    if (record.to === "running") this.#running.add(record.job_id);
    if (!isTerminal(record.to)) return;
    this.#running.delete(record.job_id);
    this.#goesOn(record.job_id);
  }

  lines(): void {
    // What jobs print says nothing of that.
  }

  /** After everything that belongs to one moment. */
  flush(): void {
    if (this.#isTold || this.#held.size === 0 || this.#held.size < this.#running.size) return;
    this.#isTold = true;
    this.#tell([...this.#held]);
  }

  finish(): void {
    // The run says itself that it is over.
  }

  #goesOn(jobId: JobId): void {
    this.#held.delete(jobId);
    this.#isTold = false;
  }
}
