import type { JobId } from "./ids.ts";
import type { JobPlan, RunPlan } from "./run-plan.ts";

/** The part of a plan that says which jobs wait. */
export interface WaitingPlan extends Pick<RunPlan, "selected" | "withheld"> {
  readonly jobs: readonly Pick<JobPlan, "jobId" | "needs" | "isManual">[];
}

/**
 * The jobs that wait for somebody to ask for them: the manual ones of a plan, and what needs one of these.
 *
 * A job stops waiting when it was asked for, or is not manual itself, and nothing that it needs waits any more.
 */
export class WaitingJobs {
  /** All that waited when the run began, in declaration order, with what they need. */
  readonly #all = new Map<JobId, WaitingPlan["jobs"][number]>();
  /** The waiting jobs that need one. */
  readonly #dependants = new Map<JobId, readonly JobId[]>();
  readonly #waiting: Set<JobId>;
  readonly #asked = new Set<JobId>();

  constructor(plan: WaitingPlan) {
    this.#find(plan);
    this.#waiting = new Set(this.#all.keys());
  }

  /** How many wait now. */
  get count(): number {
    return this.#waiting.size;
  }

  /** All that waited when the run began, in declaration order. */
  all(): Iterable<JobId> {
    return this.#all.keys();
  }

  /** Whether a job waits. */
  has(job: JobId): boolean {
    return this.#waiting.has(job);
  }

  /** Whether a job waited when the run began. */
  hasWaited(job: JobId): boolean {
    return this.#all.has(job);
  }

  /** Whether asking for a job would change anything. */
  canBeAsked(job: JobId): boolean {
    return this.#waiting.has(job) && !this.#asked.has(job);
  }

  /** Asks for a job and for all that it needs. Returns the jobs that wait no more, in declaration order. */
  ask(job: JobId): readonly JobId[] {
    const asking = [job];
    for (const each of asking) {
      this.#asked.add(each);
      for (const need of this.#all.get(each)?.needs ?? []) if (this.canBeAsked(need)) asking.push(need);
    }
    const released = new Set<JobId>();
    for (let each = asking.pop(); each !== undefined; each = asking.pop()) {
      if (!this.#waiting.has(each) || !this.#mayGo(each)) continue;
      this.#waiting.delete(each);
      released.add(each);
      asking.push(...(this.#dependants.get(each) ?? []));
    }
    return [...this.#all.keys()].filter((each) => released.has(each));
  }

  /** A job settled without having been asked for, as when its run is cancelled. */
  settled(job: JobId): void {
    this.#waiting.delete(job);
  }

  /** All that wait now, in declaration order; they wait no more. */
  close(): readonly JobId[] {
    const left = [...this.#waiting];
    this.#waiting.clear();
    return left;
  }

  #mayGo(id: JobId): boolean {
    const { needs = [], isManual } = this.#all.get(id) ?? {};
    if (needs.some((need) => this.#waiting.has(need))) return false;
    // One that only needs jobs that wait goes with them.
    const isAskedFor = isManual === true || !needs.some((need) => this.#all.has(need));
    return !isAskedFor || this.#asked.has(id);
  }

  #find({ jobs, selected, withheld }: WaitingPlan): void {
    // Most runs have none.
    if (withheld === undefined || ![...withheld.values()].includes("manual")) return;
    const dependants = new Map<JobId, JobId[]>(jobs.map(({ jobId }) => [jobId, []]));
    for (const { jobId, needs } of jobs) for (const need of needs) dependants.get(need)?.push(jobId);
    const found = new Set<JobId>();
    const open = jobs.flatMap(({ jobId }) => (withheld.get(jobId) === "manual" ? [jobId] : []));
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (found.has(id) || withheld.get(id) === "condition_not_met" || selected?.has(id) === false) continue;
      found.add(id);
      open.push(...(dependants.get(id) ?? []));
    }
    for (const job of jobs) {
      if (!found.has(job.jobId)) continue;
      this.#all.set(job.jobId, job);
      this.#dependants.set(job.jobId, dependants.get(job.jobId) ?? []);
    }
  }
}
