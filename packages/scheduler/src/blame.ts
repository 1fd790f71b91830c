import type { JobId, SkipReason } from "@loom/core";
import { neighboursOf } from "./adjacency.ts";
import { elementAt } from "./element-at.ts";
import type { PlanGraph } from "./plan-graph.ts";
import { RootSets, type RootSet } from "./root-sets.ts";

/** Why a job cannot start, and the failures that are the reason. */
export interface Block {
  readonly reason: Extract<SkipReason, "upstream_failed" | "stage_blocked">;
  readonly roots: RootSet;
}

/** Nothing that a job needs directly keeps it from starting. */
const NEEDS_OK = 0;
/** One of them was skipped because of a failure; none failed. */
const NEED_BLOCKED = 1;
/** One of them failed, and its failure is blocking. */
const NEED_FAILED = 2;

/**
 * Remembers which failures keep jobs from starting, and returns the root causes for one that cannot start.
 *
 * What it returns about a job is complete once the job's gates have opened.
 */
export class Blame {
  readonly #graph: PlanGraph;
  readonly #rootSets: RootSets;
  /** Blocking failures of jobs that keep later stages closed, by their stage, then in the order they settled. */
  readonly #failures: number[] = [];
  /** The first blocking failure of any job. */
  #first: number | undefined;
  #firstClosesStages = false;
  /** The earliest stage in which a job that keeps later stages closed was skipped for the first failure alone. */
  #firstReaches: number = Number.POSITIVE_INFINITY;
  /** The roots that the jobs of a stage share for what failed in the stages before, as of the last one asked for. */
  #earlierRoots: RootSet | undefined;
  /** The worst of what each job needs directly: `NEEDS_OK`, `NEED_BLOCKED` or `NEED_FAILED`. */
  readonly #worstNeed: Uint8Array;
  /** For each job that keeps others from starting: itself where it failed, its roots where it was skipped. */
  readonly #rootsOf = new Map<number, RootSet>();

  /** @param nameOf - The name of a job, by its number. */
  constructor(graph: PlanGraph, nameOf: (job: number) => JobId) {
    this.#graph = graph;
    this.#rootSets = new RootSets(nameOf);
    this.#worstNeed = new Uint8Array(graph.stageOf.length);
  }

  /** Whether a job failed so far and is not tolerated. */
  get hasFailure(): boolean {
    return this.#first !== undefined;
  }

  /**
   * Records a blocking failure.
   *
   * @param closesStages - Whether it keeps jobs of later stages from starting, beside those that need it.
   */
  addFailure(job: number, closesStages: boolean): void {
    if (this.#first === undefined) {
      this.#first = job;
      this.#firstClosesStages = closesStages;
    }
    if (closesStages) {
      // Nearly always at the end: only jobs that wait for no stage fail before those of earlier ones.
      this.#failures.splice(this.#countFailuresBefore(elementAt(this.#graph.stageOf, job) + 1), 0, job);
      this.#earlierRoots = undefined;
    }
    this.#rootsOf.set(job, this.#rootSets.of([job]));
    this.#markDependants(job, NEED_FAILED);
  }

  /**
   * Records a job skipped because of failures.
   *
   * @param closesStages - As for a failure.
   */
  addSkipped(job: number, roots: RootSet, closesStages: boolean): void {
    this.#rootsOf.set(job, roots);
    if (closesStages && roots.jobs.length === 1 && roots.jobs[0] === this.#first)
      this.#firstReaches = Math.min(this.#firstReaches, elementAt(this.#graph.stageOf, job));
    this.#markDependants(job, NEED_BLOCKED);
  }

  /** Whether a job can see a blocking failure: in what it needs directly, or in an earlier stage. */
  seesFailure(job: number): boolean {
    return this.#worstNeed[job] === NEED_FAILED || this.#countEarlierFailures(job) > 0;
  }

  /** What keeps a job from starting that starts on success only; `undefined` when nothing does. */
  blockOf(job: number): Block | undefined {
    if (this.#worstNeed[job] !== NEEDS_OK) {
      return { reason: "upstream_failed", roots: this.#rootsThroughNeeds(job) };
    }
    const count = this.#countEarlierFailures(job);
    if (count === 0) return undefined;
    const roots = this.#rootsOfFirst(count);
    return {
      reason: "stage_blocked",
      roots: this.#firstComesBeside(job) ? this.#rootSets.union(new Set([roots, this.#rootsOfOne()])) : roots,
    };
  }

  /**
   * Whether jobs of earlier stages were skipped for the first failure though that is none of an earlier stage: a run that
   * fails fast is closed by any job.
   */
  #firstComesBeside(job: number): boolean {
    const stage = elementAt(this.#graph.stageOf, job);
    if (this.#first === undefined || this.#firstReaches >= stage) return false;
    return !this.#firstClosesStages || elementAt(this.#graph.stageOf, this.#first) >= stage;
  }

  /** What keeps a job from starting that nothing blocks, once the first failure has closed the run. */
  firstFailure(): Block | undefined {
    return this.#first === undefined ? undefined : { reason: "stage_blocked", roots: this.#rootsOfOne() };
  }

  /** The first failure alone. */
  #rootsOfOne(): RootSet {
    return this.#rootSets.of(this.#first === undefined ? [] : [this.#first]);
  }

  #markDependants(job: number, harm: number): void {
    for (const dependant of neighboursOf(this.#graph.dependants, job)) {
      this.#worstNeed[dependant] = Math.max(elementAt(this.#worstNeed, dependant), harm);
    }
  }

  #rootsThroughNeeds(job: number): RootSet {
    const sets = new Set<RootSet>();
    for (const need of neighboursOf(this.#graph.needs, job)) {
      const roots = this.#rootsOf.get(need);
      if (roots !== undefined) sets.add(roots);
    }
    return this.#rootSets.union(sets);
  }

  /** How many of the failures are of stages before that of a job; none for one that waits for no stage. */
  #countEarlierFailures(job: number): number {
    return this.#graph.ungated.has(job) ? 0 : this.#countFailuresBefore(elementAt(this.#graph.stageOf, job));
  }

  #countFailuresBefore(stage: number): number {
    let low = 0;
    let high = this.#failures.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const failure = this.#failures[middle] as number;
      if (elementAt(this.#graph.stageOf, failure) < stage) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first failures as a set; two results differ only in their number. */
  #rootsOfFirst(count: number): RootSet {
    // Stryker disable next-line ConditionalExpression: it saves time only; equal sets are the same object.
    if (this.#earlierRoots?.jobs.length !== count) {
      this.#earlierRoots = this.#rootSets.of(this.#failures.slice(0, count));
    }
    return this.#earlierRoots;
  }
}
