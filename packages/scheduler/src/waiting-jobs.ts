import type { RunPlan } from "@loom/core";
import { neighboursOf } from "./adjacency.ts";
import { elementAt } from "./element-at.ts";
import type { PlanGraph } from "./plan-graph.ts";

/**
 * The jobs that wait for somebody to ask for them: the manual ones of a plan, and what needs one of these.
 *
 * A job stops waiting when it was asked for, or is not manual itself, and nothing that it needs waits any more.
 */
export class WaitingJobs {
  readonly #plan: RunPlan;
  readonly #graph: PlanGraph;
  /** All that waited when the run began, in declaration order. */
  readonly #all: ReadonlySet<number>;
  readonly #waiting: Set<number>;
  readonly #asked = new Set<number>();

  constructor(plan: RunPlan, graph: PlanGraph) {
    this.#plan = plan;
    this.#graph = graph;
    this.#all = this.#find();
    this.#waiting = new Set(this.#all);
  }

  /** How many wait now. */
  get count(): number {
    return this.#waiting.size;
  }

  /** All that waited when the run began, in declaration order. */
  all(): Iterable<number> {
    return this.#all;
  }

  /** Whether a job waits. */
  has(job: number): boolean {
    return this.#waiting.has(job);
  }

  /** Whether a job waited when the run began. */
  hasWaited(job: number): boolean {
    return this.#all.has(job);
  }

  /** Whether asking for a job would change anything. */
  canBeAsked(job: number): boolean {
    return this.#waiting.has(job) && !this.#asked.has(job);
  }

  /** Asks for a job and for all that it needs. Returns the jobs that wait no more, in declaration order. */
  ask(job: number): readonly number[] {
    const asking = [job];
    for (const each of asking) {
      this.#asked.add(each);
      for (const need of neighboursOf(this.#graph.needs, each)) if (this.canBeAsked(need)) asking.push(need);
    }
    const released: number[] = [];
    for (let each = asking.pop(); each !== undefined; each = asking.pop()) {
      if (!this.#waiting.has(each) || !this.#mayGo(each)) continue;
      this.#waiting.delete(each);
      released.push(each);
      asking.push(...neighboursOf(this.#graph.dependants, each));
    }
    return released.sort((a, b) => a - b);
  }

  /** A job settled without having been asked for, as when its run is cancelled. */
  settled(job: number): void {
    this.#waiting.delete(job);
  }

  /** All that wait now, in declaration order; they wait no more. */
  close(): readonly number[] {
    const left = [...this.#waiting];
    this.#waiting.clear();
    return left;
  }

  #mayGo(job: number): boolean {
    const needs = [...neighboursOf(this.#graph.needs, job)];
    if (needs.some((need) => this.#waiting.has(need))) return false;
    // One that only needs jobs that wait goes with them.
    const isAskedFor = this.#plan.jobs[job]?.isManual === true || !needs.some((need) => this.#all.has(need));
    return !isAskedFor || this.#asked.has(job);
  }

  #find(): ReadonlySet<number> {
    const { jobs, selected, withheld } = this.#plan;
    const found = new Set<number>();
    if (withheld === undefined) return found;
    const takesPart = (job: number): boolean => selected?.has(elementAt(jobs, job).jobId) !== false;
    const open: number[] = [];
    for (const [job, { jobId }] of jobs.entries())
      if (withheld.get(jobId) === "manual" && takesPart(job)) open.push(job);
    for (let job = open.pop(); job !== undefined; job = open.pop()) {
      if (found.has(job)) continue;
      found.add(job);
      for (const dependant of neighboursOf(this.#graph.dependants, job)) {
        const reason = withheld.get(elementAt(jobs, dependant).jobId);
        if (reason !== "condition_not_met" && takesPart(dependant)) open.push(dependant);
      }
    }
    return new Set([...found].sort((a, b) => a - b));
  }
}
