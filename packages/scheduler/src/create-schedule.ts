import {
  unreachable,
  WaitingJobs,
  type JobId,
  type JobPlan,
  type JobResult,
  type JobSchedule,
  type RunPlan,
  type ScheduleDecision,
  type SkipReason,
} from "@loom/core";
import { Blame } from "./blame.ts";
import { elementAt } from "./element-at.ts";
import { Gates } from "./gates.ts";
import { longestPaths } from "./longest-paths.ts";
import { planGraph } from "./plan-graph.ts";
import { ReadyQueue } from "./ready-queue.ts";
import type { RootSet } from "./root-sets.ts";

/**
 * Makes the schedule of one run.
 *
 * A job is decided once, by the call that opens the last of its gates; jobs that are not selected, or withheld by a condition,
 * are decided by `begin()`, whatever their gates. Manual jobs that nobody asks for, and those that need one, are decided by `close()`. Only `failFast` decides a job a second time: one that is ready and not yet taken
 * when the first blocking failure settles is answered again, as `skip`.
 *
 * The whole run costs O(jobs + needs), and a logarithm for each job taken. The arrays of `blockedBy` are frozen, and
 * shared by the jobs that have the same.
 *
 * @throws When the plan names what it does not hold, its needs form a cycle or its concurrency is not a whole number of
 *   1 or more: what `planRun` makes is none of it. The schedule in turn throws when
 *   `begin()` is called twice, and when `settle()` comes before it or names a job that is not in the plan, has
 *   settled, or cannot have ended like that. All are bugs in the caller, and none changes the schedule.
 */
export function createSchedule(plan: RunPlan): JobSchedule {
  return new Schedule(plan);
}

/** Not decided. */
const PENDING = 0;
/** Decided to start, not taken yet. */
const READY = 1;
/** Handed out by `take()`. */
const TAKEN = 2;
/** Decided to be skipped, not settled yet. */
const SKIPPED = 3;
const SETTLED = 4;

const NOBODY: readonly JobId[] = Object.freeze([]);

class Schedule implements JobSchedule {
  readonly #plan: RunPlan;
  readonly #indexOf: ReadonlyMap<JobId, number>;
  readonly #status: Uint8Array;
  readonly #gates: Gates;
  readonly #blame: Blame;
  readonly #ready: ReadyQueue;
  readonly #waiting: WaitingJobs;
  /** The roots of each job decided to be skipped because of failures. */
  readonly #rootsOfSkipped = new Map<number, RootSet>();
  #hasBegun = false;

  constructor(plan: RunPlan) {
    const graph = planGraph(plan);
    this.#waiting = new WaitingJobs(plan);
    this.#plan = plan;
    this.#indexOf = graph.indexOf;
    this.#status = new Uint8Array(plan.jobs.length);
    this.#gates = new Gates(graph);
    this.#blame = new Blame(graph, (job) => this.#job(job).jobId);
    this.#ready = new ReadyQueue(longestPaths(plan, graph));
  }

  begin(): readonly ScheduleDecision[] {
    if (this.#hasBegun) throw new Error("Cannot begin the schedule: it has begun already");
    this.#hasBegun = true;
    for (const id of this.#waiting.all()) this.#gates.excuse(this.#indexOfWaiting(id));
    const decisions: ScheduleDecision[] = [];
    for (let job = 0; job < this.#plan.jobs.length; job += 1) {
      if (this.#waits(job)) continue;
      if (this.#leftOut(job) !== undefined || this.#gates.areOpen(job)) decisions.push(this.#decide(job));
    }
    return decisions;
  }

  get waiting(): number {
    return this.#waiting.count;
  }

  waits(jobId: JobId): boolean {
    const job = this.#indexOf.get(jobId);
    return job !== undefined && this.#status[job] === PENDING && this.#waiting.canBeAsked(jobId);
  }

  play(jobId: JobId): readonly ScheduleDecision[] {
    if (!this.waits(jobId)) throw new Error(`Cannot play job "${jobId}": it does not wait for that`);
    return this.#waiting
      .ask(jobId)
      .map((each) => this.#indexOfWaiting(each))
      .filter((each) => this.#gates.areOpen(each))
      .map((each) => this.#decide(each));
  }

  close(): readonly ScheduleDecision[] {
    return this.#waiting.close().map((id) => this.#skip(this.#indexOfWaiting(id), "manual"));
  }

  settle(jobId: JobId, result: JobResult): readonly ScheduleDecision[] {
    const job = this.#indexOf.get(jobId);
    if (job === undefined) throw cannotSettle(jobId, result, "it is not in the plan");
    const objection = this.#objectionTo(job, result);
    if (objection !== undefined) throw cannotSettle(jobId, result, objection);
    this.#status[job] = SETTLED;
    // Stryker disable next-line ConditionalExpression: a second rescan finds nothing to withdraw, it only takes time.
    const isFirst = !this.#blame.hasFailure;
    this.#waiting.settled(jobId);
    this.#record(job, result);
    const closesRun = this.#plan.failFast && isFirst && this.#blame.hasFailure;
    const opened = this.#gates
      .settle(job)
      .filter((each) => this.#status[each] === PENDING && !this.#waits(each));
    const due = closesRun ? inDeclarationOrder(opened, this.#readyOnSuccess()) : opened;
    return due.map((each) => this.#decide(each));
  }

  take(wanted?: JobId): JobId | undefined {
    if (wanted !== undefined) return this.#takeOne(wanted);
    for (;;) {
      const job = this.#ready.pop();
      if (job === undefined) return undefined;
      // One that was withdrawn or cancelled after it became ready is still in the queue.
      if (this.#status[job] !== READY) continue;
      this.#status[job] = TAKEN;
      return this.#job(job).jobId;
    }
  }

  #takeOne(wanted: JobId): JobId | undefined {
    const job = this.#indexOf.get(wanted);
    // Stryker disable next-line ConditionalExpression: what is not in the plan has no status either.
    if (job === undefined) return undefined;
    if (this.#status[job] !== READY) return undefined;
    // It stays in the queue, but is never taken a second time.
    this.#status[job] = TAKEN;
    return wanted;
  }

  /** Why a job cannot have ended like that; `undefined` when it can. */
  #objectionTo(job: number, result: JobResult): string | undefined {
    const status = elementAt(this.#status, job);
    if (!this.#hasBegun) return "the schedule has not begun";
    if (status === SETTLED) return "it has settled already";
    switch (result.status) {
      case "success":
      case "failed":
        return status === READY || status === TAKEN ? undefined : "it was never ready to start";
      case "skipped":
        if (!isBecauseOfFailure(result.reason) || this.#rootsOfSkipped.has(job)) return undefined;
        return `no failure has led to ${result.reason}`;
      case "cancelled":
        return undefined;
      default:
        return unreachable(result);
    }
  }

  /** Records what a result means for others. */
  #record(job: number, result: JobResult): void {
    switch (result.status) {
      case "failed":
        if (result.blocking) this.#blame.addFailure(job, !this.#hasWaited(job));
        return;
      case "skipped": {
        if (!isBecauseOfFailure(result.reason)) return;
        const roots = this.#rootsOfSkipped.get(job);
        // Stryker disable next-line ConditionalExpression: a skip for a failure that has no roots was refused before.
        if (roots !== undefined) this.#blame.addSkipped(job, roots, !this.#hasWaited(job));
        return;
      }
      case "success":
      case "cancelled":
        return;
      default:
        return unreachable(result);
    }
  }

  /** A rescan of all jobs; `failFast` asks for it once in a run. */
  #readyOnSuccess(): number[] {
    const jobs: number[] = [];
    for (const [job, status] of this.#status.entries()) {
      if (status === READY && this.#job(job).when === "on_success") jobs.push(job);
    }
    return jobs;
  }

  #decide(job: number): ScheduleDecision {
    const leftOut = this.#hasWaited(job) ? undefined : this.#leftOut(job);
    if (leftOut !== undefined) return this.#skip(job, leftOut);
    const { when } = this.#job(job);
    switch (when) {
      case "always":
        return this.#start(job);
      case "on_failure":
        return this.#blame.seesFailure(job) ? this.#start(job) : this.#skip(job, "condition_not_met");
      case "on_success": {
        const closed = this.#plan.failFast ? this.#blame.firstFailure() : undefined;
        const block = this.#blame.blockOf(job) ?? closed;
        return block === undefined ? this.#start(job) : this.#skip(job, block.reason, block.roots);
      }
      default:
        return unreachable(when);
    }
  }

  #start(job: number): ScheduleDecision {
    this.#status[job] = READY;
    this.#ready.push(job);
    return { kind: "ready", jobId: this.#job(job).jobId };
  }

  #skip(job: number, reason: SkipReason, roots?: RootSet): ScheduleDecision {
    this.#status[job] = SKIPPED;
    if (roots !== undefined) this.#rootsOfSkipped.set(job, roots);
    return { kind: "skip", jobId: this.#job(job).jobId, reason, blockedBy: roots?.ids ?? NOBODY };
  }

  /** Why a job does not take place, as was known before the run; `undefined` for one that may. */
  #leftOut(job: number): SkipReason | undefined {
    const { jobId } = this.#job(job);
    if (this.#plan.selected?.has(jobId) === false) return "not_selected";
    return this.#plan.withheld?.get(jobId);
  }

  #waits(job: number): boolean {
    return this.#waiting.count > 0 && this.#waiting.has(this.#job(job).jobId);
  }

  #hasWaited(job: number): boolean {
    return this.#waiting.hasWaited(this.#job(job).jobId);
  }

  #indexOfWaiting(id: JobId): number {
    const job = this.#indexOf.get(id);
    if (job === undefined) throw new Error(`Job "${id}" waits, and is not in the plan`);
    return job;
  }

  #job(job: number): JobPlan {
    return elementAt(this.#plan.jobs, job);
  }
}

function cannotSettle(jobId: JobId, result: JobResult, objection: string): Error {
  return new Error(`Cannot settle job "${jobId}" as ${result.status}: ${objection}`);
}

function isBecauseOfFailure(reason: SkipReason): boolean {
  return reason === "upstream_failed" || reason === "stage_blocked";
}

function inDeclarationOrder(some: readonly number[], others: readonly number[]): number[] {
  return [...some, ...others].sort((a, b) => a - b);
}
