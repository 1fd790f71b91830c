import { unreachable, type JobId, type JobPlan, type RunPlan } from "@loom/core";

/** A job's ending, as far as it matters to other jobs. */
export type ModelEnd =
  | { readonly status: "success" | "cancelled" | "tolerated" | "failed" }
  | {
      readonly status: "skipped";
      readonly roots: readonly JobId[];
      readonly becauseOfFailure: boolean;
      /** Whether nobody asked for it, or for what it needs. */
      readonly waitedInVain: boolean;
    };

/** What docs/contract.md#when-a-job-starts decides about a job at a given moment. */
export type ModelDecision =
  | { readonly kind: "waits" }
  | { readonly kind: "starts" }
  | { readonly kind: "skipped"; readonly reason: string; readonly roots: readonly JobId[] };

/**
 * docs/contract.md#when-a-job-starts, taken literally: every question is answered by scanning all jobs again.
 * It shares no code or optimization with the scheduler.
 */
export class GateModel {
  readonly #plan: RunPlan;
  readonly #ends = new Map<JobId, ModelEnd>();
  readonly #pathWeights = new Map<JobId, number>();
  readonly #asked = new Set<JobId>();
  #firstFailure: JobId | undefined;

  constructor(plan: RunPlan) {
    this.#plan = plan;
  }

  /** Whether a job has ended. */
  hasEnded(jobId: JobId): boolean {
    return this.#ends.has(jobId);
  }

  /** Somebody asks for a job, and so for all that it needs. */
  play(jobId: JobId): void {
    this.#asked.add(jobId);
    for (const need of this.#jobOf(jobId)?.needs ?? []) this.play(need);
  }

  /** Whether a job waits for somebody to ask for it, or for such a job. */
  waits(job: JobPlan): boolean {
    if (!this.#waitedAtFirst(job) || this.hasEnded(job.jobId)) return false;
    if (job.isManual === true) {
      if (!this.#asked.has(job.jobId)) return true;
    }
    return this.#needsOf(job).some((other) => this.waits(other) || this.#waitedInVain(other));
  }

  /** Whether nothing is left but jobs that wait. */
  get onlyWaitingLeft(): boolean {
    return this.#plan.jobs.every((job) => this.hasEnded(job.jobId) || this.waits(job));
  }

  /** Records how a job ended. */
  end(jobId: JobId, end: ModelEnd): void {
    this.#ends.set(jobId, end);
    if (end.status === "failed") this.#firstFailure ??= jobId;
  }

  /** Decides about a job from what has ended so far. */
  decide(job: JobPlan): ModelDecision {
    if (this.#plan.selected?.has(job.jobId) === false)
      return { kind: "skipped", reason: "not_selected", roots: [] };
    const withheld = this.#plan.withheld?.get(job.jobId);
    if (withheld === "condition_not_met") return { kind: "skipped", reason: withheld, roots: [] };
    if (this.waits(job))
      return this.onlyWaitingLeft ? { kind: "skipped", reason: "manual", roots: [] } : { kind: "waits" };
    const needs = this.#needsOf(job);
    const earlier = this.#plan.jobs.filter(
      (other) =>
        job.gate !== "needs" && this.#stageOf(other) < this.#stageOf(job) && !this.#waitedAtFirst(other),
    );
    if (![...needs, ...earlier].every((other) => this.hasEnded(other.jobId))) return { kind: "waits" };
    switch (job.when) {
      case "always":
        return { kind: "starts" };
      case "on_failure":
        if ([...needs, ...earlier].some((other) => this.#hasFailed(other))) return { kind: "starts" };
        return { kind: "skipped", reason: "condition_not_met", roots: [] };
      case "on_success":
        break;
      default:
        return unreachable(job.when);
    }
    if (needs.some((other) => this.#blocks(other))) return this.#skip("upstream_failed", needs);
    if (earlier.some((other) => this.#blocks(other))) return this.#skip("stage_blocked", earlier);
    if (this.#plan.failFast && this.#firstFailure !== undefined)
      return { kind: "skipped", reason: "stage_blocked", roots: [this.#firstFailure] };
    return { kind: "starts" };
  }

  /** The ready job that starts first: the longest path to the end, then declaration order. */
  first(ready: readonly JobPlan[]): JobId | undefined {
    let first: JobPlan | undefined;
    for (const job of this.#plan.jobs) {
      if (!ready.includes(job)) continue;
      if (first === undefined || this.#pathWeight(job) > this.#pathWeight(first)) first = job;
    }
    return first?.jobId;
  }

  #skip(reason: string, jobs: readonly JobPlan[]): ModelDecision {
    const roots = new Set(jobs.flatMap((job) => this.#rootsOf(job)));
    return {
      kind: "skipped",
      reason,
      roots: this.#plan.jobs.map((job) => job.jobId).filter((id) => roots.has(id)),
    };
  }

  #rootsOf(job: JobPlan): readonly JobId[] {
    const end = this.#ends.get(job.jobId);
    if (end?.status === "failed") return [job.jobId];
    return end?.status === "skipped" && end.becauseOfFailure ? end.roots : [];
  }

  #hasFailed(job: JobPlan): boolean {
    return this.#ends.get(job.jobId)?.status === "failed";
  }

  #blocks(job: JobPlan): boolean {
    const end = this.#ends.get(job.jobId);
    return end?.status === "failed" || (end?.status === "skipped" && end.becauseOfFailure);
  }

  #pathWeight(job: JobPlan): number {
    const known = this.#pathWeights.get(job.jobId);
    if (known !== undefined) return known;
    const after = this.#plan.jobs.filter(
      (other) =>
        other.needs.includes(job.jobId) ||
        (other.gate !== "needs" && this.#stageOf(other) > this.#stageOf(job)),
    );
    const weight =
      (this.#plan.weights?.get(job.jobId) ?? 1) +
      Math.max(0, ...after.map((other) => this.#pathWeight(other)));
    this.#pathWeights.set(job.jobId, weight);
    return weight;
  }

  #waitedAtFirst(job: JobPlan): boolean {
    return this.#plan.withheld?.get(job.jobId) === "manual" && this.#plan.selected?.has(job.jobId) !== false;
  }

  #waitedInVain(job: JobPlan): boolean {
    const end = this.#ends.get(job.jobId);
    return end?.status === "skipped" && end.waitedInVain;
  }

  #needsOf(job: JobPlan): readonly JobPlan[] {
    return this.#plan.jobs.filter((other) => job.needs.includes(other.jobId));
  }

  #jobOf(id: JobId): JobPlan | undefined {
    return this.#plan.jobs.find((job) => job.jobId === id);
  }

  #stageOf(job: JobPlan): number {
    return this.#plan.stages.indexOf(job.stage);
  }
}
