import type { JobId, JobPlan, JobResult, RunPlan, ScheduleDecision } from "@loom/core";
import { createSchedule } from "@loom/scheduler";

/** How the jobs of a simulated run behave. */
export interface SimulatedJobs {
  /** Milliseconds that a job runs once it has a slot. */
  durationMs(jobId: JobId): number;
  /** How it ends. Default: every job succeeds. */
  result?(jobId: JobId): JobResult;
}

/** When a job would run, in milliseconds from the start of the pipeline. */
export interface SimulatedJob {
  readonly jobId: JobId;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a simulated run came to. */
export interface SimulatedRun {
  readonly durationMs: number;
  /** The jobs that would run, in the order of their starts. */
  readonly jobs: readonly SimulatedJob[];
}

const SUCCESS: JobResult = { status: "success" };

/**
 * Plays a plan through the real schedule with known durations.
 *
 * Pure: the same plan, durations and slots give the same times. O(jobs + needs)
 * and a logarithm for each job.
 *
 * @param slots - How many jobs run at a time, 1 or more; `Infinity` for no limit.
 */
export function simulateSchedule(plan: RunPlan, jobs: SimulatedJobs, slots: number): SimulatedRun {
  const schedule = createSchedule(plan);
  const running = new EndQueue();
  const ran: SimulatedJob[] = [];
  let nowMs = 0;
  const settleSkips = (decisions: readonly ScheduleDecision[]): void => {
    const skips = decisions.filter((decision) => decision.kind === "skip");
    for (let skip = skips.shift(); skip !== undefined; skip = skips.shift()) {
      const { jobId, reason, blockedBy } = skip;
      for (const next of schedule.settle(jobId, { status: "skipped", reason, blockedBy })) {
        if (next.kind === "skip") skips.push(next);
      }
    }
  };
  settleSkips(schedule.begin());
  for (;;) {
    while (running.size < slots) {
      const jobId = schedule.take();
      if (jobId === undefined) break;
      const job = { jobId, startMs: nowMs, endMs: nowMs + Math.max(0, jobs.durationMs(jobId)) };
      ran.push(job);
      running.push(job);
    }
    const ended = running.pop();
    if (ended === undefined) return { durationMs: nowMs, jobs: ran };
    nowMs = ended.endMs;
    settleSkips(schedule.settle(ended.jobId, jobs.result?.(ended.jobId) ?? SUCCESS));
  }
}

/** Plan entries that differ from the usual in what the schedule looks at only. */
export function simulatedJobPlan(
  job: Pick<JobPlan, "jobId" | "stage" | "needs" | "when" | "allowFailure">,
): JobPlan {
  return { ...job, stepCount: 1, retry: { max: 0, on: [] }, restoresCache: false, restoresArtifacts: false };
}

/** The running jobs, the one that ends first on top; of those that end together, the one that started first. */
class EndQueue {
  readonly #heap: { readonly job: SimulatedJob; readonly order: number }[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  push(job: SimulatedJob): void {
    const entry = { job, order: this.#order };
    this.#order += 1;
    this.#heap.push(entry);
    let index = this.#heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  pop(): SimulatedJob | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (top === undefined || last === undefined) return undefined;
    if (this.#heap.length === 0) return top.job;
    this.#heap[0] = last;
    let index = 0;
    for (;;) {
      let first = index;
      for (const child of [index * 2 + 1, index * 2 + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, first)) first = child;
      }
      if (first === index) return top.job;
      this.#swap(index, first);
      index = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (left === undefined || right === undefined) return false;
    return left.job.endMs === right.job.endMs ? left.order < right.order : left.job.endMs < right.job.endMs;
  }

  #swap(a: number, b: number): void {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (left === undefined || right === undefined) return;
    this.#heap[a] = right;
    this.#heap[b] = left;
  }
}
