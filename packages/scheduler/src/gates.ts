import { neighboursOf } from "./adjacency.ts";
import { countDown } from "./count-down.ts";
import { elementAt } from "./element-at.ts";
import type { PlanGraph } from "./plan-graph.ts";

const NO_JOBS: readonly number[] = [];

/**
 * Counts down what keeps each job from being decided: needs that have not settled, and stages before its own that
 * have not.
 *
 * One counter for each job and one for each stage; nothing is looked at twice, so a whole run costs O(jobs + needs).
 */
export class Gates {
  readonly #graph: PlanGraph;
  readonly #unmetNeeds: Int32Array;
  readonly #unsettledOfStage: Int32Array;
  /** Jobs that keep no stage closed. */
  readonly #excused = new Set<number>();
  /** Every job of every stage before this one has settled. */
  #openStage = 0;

  constructor(graph: PlanGraph) {
    this.#graph = graph;
    this.#unmetNeeds = listLengths(graph.needs.starts);
    this.#unsettledOfStage = listLengths(graph.jobsOfStage.starts);
    this.#passSettledStages();
  }

  /** Whether everything that a job waits for has settled. */
  areOpen(job: number): boolean {
    if (this.#unmetNeeds[job] !== 0) return false;
    return elementAt(this.#graph.stageOf, job) <= this.#openStage || this.#graph.ungated.has(job);
  }

  /** Lets later stages begin without a job. Before any job has settled. */
  excuse(job: number): void {
    this.#excused.add(job);
    countDown(this.#unsettledOfStage, elementAt(this.#graph.stageOf, job));
    this.#passSettledStages();
  }

  /**
   * Counts a settled job off every gate it kept closed.
   *
   * @returns The jobs for which that was the last gate, in declaration order. One that settled before its gates opened may
   *   be among them.
   */
  settle(job: number): readonly number[] {
    const opened: number[] = [];
    for (const dependant of neighboursOf(this.#graph.dependants, job)) {
      countDown(this.#unmetNeeds, dependant);
      if (this.areOpen(dependant)) opened.push(dependant);
    }
    if (this.#excused.has(job)) return opened;
    if (countDown(this.#unsettledOfStage, elementAt(this.#graph.stageOf, job)) > 0) return opened;
    const before = this.#openStage;
    if (!this.#passSettledStages()) return opened;
    // Where a stage opens, all before it has settled: its own jobs can be left to decide, and those that keep no stage closed.
    if (this.#excused.size === 0 && this.#graph.ungated.size === 0) return this.#openJobsOfStage();
    const passed = [...this.#excused].filter((each) => {
      const stage = elementAt(this.#graph.stageOf, each);
      return stage > before && stage < this.#openStage && this.areOpen(each);
    });
    return [...new Set([...opened, ...passed, ...this.#openJobsOfStage()])].sort((a, b) => a - b);
  }

  #passSettledStages(): boolean {
    const before = this.#openStage;
    while (this.#unsettledOfStage[this.#openStage] === 0) this.#openStage += 1;
    return this.#openStage > before;
  }

  #openJobsOfStage(): readonly number[] {
    if (this.#openStage === this.#unsettledOfStage.length) return NO_JOBS;
    return [...neighboursOf(this.#graph.jobsOfStage, this.#openStage)].filter((job) => this.areOpen(job));
  }
}

function listLengths(starts: Int32Array): Int32Array {
  const lengths = new Int32Array(starts.length - 1);
  for (let node = 0; node < lengths.length; node += 1) {
    lengths[node] = elementAt(starts, node + 1) - elementAt(starts, node);
  }
  return lengths;
}
