import type { JobId } from "@loom/core";
import { containsAll } from "./contains-all.ts";

/** A set of failed jobs that caused a skip. Equal sets are the same object. */
export interface RootSet {
  readonly number: number;
  /** Job numbers, ascending. */
  readonly jobs: readonly number[];
  /** Their names, in declaration order. Frozen: it is handed out as `blockedBy` of every job it blocks. */
  readonly ids: readonly JobId[];
}

/**
 * The sets of root failures of one run, each held once.
 *
 * One failure can block a hundred thousand jobs, and every one of them lists its roots. Equal sets are therefore one
 * object: comparing is by identity, and what a job inherits unchanged costs nothing. Only where needs bring
 * different sets together is there something to compute, once for each combination.
 */
export class RootSets {
  readonly #nameOf: (job: number) => JobId;
  readonly #byContent = new Map<string, RootSet>();
  readonly #unions = new Map<string, RootSet>();

  /** @param nameOf - The name of a job, by its number. */
  constructor(nameOf: (job: number) => JobId) {
    this.#nameOf = nameOf;
  }

  /** The set of these jobs, in any order, each once. */
  of(jobs: readonly number[]): RootSet {
    const sorted = jobs.toSorted((a, b) => a - b);
    const content = sorted.join();
    const known = this.#byContent.get(content);
    if (known !== undefined) return known;
    const ids = Object.freeze(sorted.map(this.#nameOf));
    const created: RootSet = { number: this.#byContent.size, jobs: sorted, ids };
    this.#byContent.set(content, created);
    return created;
  }

  /** Everything that is in at least one of these sets, of which there is at least one. */
  union(sets: ReadonlySet<RootSet>): RootSet {
    const members = [...sets].toSorted((a, b) => a.number - b.number);
    const combination = members.map((set) => set.number).join();
    const known = this.#unions.get(combination);
    if (known !== undefined) return known;
    // Stryker disable next-line EqualityOperator: of sets of one size, none holds another.
    const widest = members.reduce((a, b) => (b.jobs.length > a.jobs.length ? b : a));
    // Stryker disable next-line ConditionalExpression, MethodExpression: it saves time only; a set holds itself.
    const others = members.filter((set) => set !== widest);
    const union = others.every((set) => containsAll(widest.jobs, set.jobs))
      ? widest
      : this.of([...new Set(members.flatMap((set) => set.jobs))]);
    this.#unions.set(combination, union);
    return union;
  }
}
