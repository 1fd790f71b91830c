import {
  isTerminal,
  jobId,
  readGraph,
  WaitingJobs,
  type GraphIr,
  type GraphNode,
  type JobId,
  type JobStateEvent,
  type JobStatus,
  type LogEvent,
  type LoomEvent,
  type OutputEvent,
  type RunId,
  type StreamRef,
  type WaitingPlan,
} from "@loom/core";
import { fromWireTime } from "../time/wire-time.ts";
import { FailingUnits, type FailingUnit } from "./failing-unit.ts";
import { heldJob, type JobPause } from "./held-job.ts";

/** What happened to one job. Moments are Unix time in milliseconds. */
export interface JobRow {
  readonly jobId: JobId;
  /** Its part of the graph; absent for a job that the graph does not name, or if there is no readable graph. */
  readonly node?: GraphNode;
  readonly status: JobStatus;
  /** Whether it waits for somebody to ask for it, or for such a job. Only while it is `pending`. */
  readonly waits?: true;
  /** Present while it is held after a step that failed, and waits for somebody to say how it goes on. */
  readonly paused?: JobPause;
  /** When the last of its gates opened. */
  readonly readyAtMs?: number;
  /** When it got a slot. */
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  /** A skip reason, or the code of an error. */
  readonly reason?: string;
  /** The root causes of a job that did not run. */
  readonly blockedBy: readonly JobId[];
  /** The earlier run whose result a job keeps that did not run. */
  readonly keptFrom?: RunId;
}

/** What a run was asked to do, according to its first records. */
export interface RunPlanFacts {
  readonly graph: GraphIr;
  /** How many jobs run at a time, 1 or more; absent where the record does not say. */
  readonly concurrency?: number;
  readonly failFast: boolean;
  /** The jobs asked for, but for those that were known not to take place; absent: all. */
  readonly selected?: ReadonlySet<JobId>;
}

/** What a record changed in the table. */
export type TableChange =
  | { readonly kind: "plan"; readonly plan: RunPlanFacts }
  | { readonly kind: "job"; readonly row: JobRow }
  /** A job is held after a step that failed, or goes on. */
  | { readonly kind: "pause"; readonly row: JobRow }
  /** Jobs that waited for somebody to ask for them wait no more. */
  | { readonly kind: "played" };

/**
 * The jobs of a run and their states, folded from its records: the one reading
 * of which jobs there are, the state of each, and when it got there.
 *
 * Takes what there is: the first graph that can be read counts, a job that no
 * graph names gets its own row, and a job that has ended does not change.
 */
export class RunTable {
  readonly #rows = new Map<JobId, JobRow>();
  readonly #ended: JobId[] = [];
  readonly #failing = new FailingUnits();
  #plan: RunPlanFacts | undefined;
  #waiting: WaitingJobs | undefined;

  /** What the run was asked to do; `undefined` until that is known, or if it cannot be read. */
  get plan(): RunPlanFacts | undefined {
    return this.#plan;
  }

  /** In declaration order; then those that the graph does not name, as they came. */
  rows(): readonly JobRow[] {
    return [...this.#rows.values()];
  }

  /** One job; `undefined` when the run has no such job (yet). */
  row(id: JobId): JobRow | undefined {
    return this.#rows.get(id);
  }

  /**
   * What made the last attempt at a job fail, from the moment that it is known; `undefined` if nothing has. The one
   * reading of which unit it was. A failed cleanup is among them, though it fails no job.
   */
  failing(id: JobId): FailingUnit | undefined {
    return this.#failing.of(id);
  }

  /** The jobs that ended, in the order in which they did. */
  get endedIds(): readonly JobId[] {
    return this.#ended;
  }

  /**
   * Takes one record, in the order of `seq`.
   *
   * @returns What it changed; `undefined` for a record that changes nothing here.
   */
  record(stream: StreamRef, record: Exclude<LoomEvent, OutputEvent>): TableChange | undefined {
    if (record.event === "job_state") return this.#move(record);
    if ("jobId" in stream) {
      this.#failing.record(stream, record, this.#rows.get(stream.jobId)?.node);
      // Whatever happens in a job that was held, it is held no more.
      return record.event === "phase_start" || record.event === "phase_finish"
        ? this.#pause(stream.jobId)
        : undefined;
    }
    if (record.event !== "log" || stream.kind !== "run") return undefined;
    const held = heldJob(stream, record);
    if (held !== undefined) return this.#pause(held.jobId, held.pause);
    const { play, resume_job: resumed } = record;
    if (typeof resumed === "string") return this.#pause(jobId(resumed));
    return typeof play === "string" ? this.#play(jobId(play)) : this.#takePlan(record);
  }

  /** @param paused - Absent: the job is not held, or no more. */
  #pause(id: JobId, paused?: JobPause): TableChange | undefined {
    const known = this.#rows.get(id);
    if (known?.status !== "running" || known.paused === paused) return undefined;
    const { paused: _, ...rest } = known;
    const row = { ...rest, ...(paused !== undefined && { paused }) };
    this.#rows.set(id, row);
    return { kind: "pause", row };
  }

  #takePlan(record: LogEvent): TableChange | undefined {
    const graph = this.#plan === undefined ? readGraph(record["graph_ir"]) : undefined;
    if (graph === undefined) return undefined;
    const { concurrency, fail_fast: failFast } = record;
    this.#plan = {
      graph,
      ...(typeof concurrency === "number" && { concurrency: Math.max(1, Math.floor(concurrency)) }),
      failFast: failFast === true,
      ...selection(graph, record),
    };
    this.#waiting = new WaitingJobs(waitingPlan(graph, record));
    // A job that came before its graph keeps what is known of it, and gets its place.
    const early = new Map(this.#rows);
    this.#rows.clear();
    for (const node of graph.nodes) {
      const id = jobId(node.id);
      const waits = this.#waiting.has(id);
      this.#rows.set(id, { ...(early.get(id) ?? newRow(id)), node, ...(waits && { waits }) });
      early.delete(id);
    }
    for (const [id, row] of early) this.#rows.set(id, row);
    return { kind: "plan", plan: this.#plan };
  }

  #play(asked: JobId): TableChange | undefined {
    if (this.#waiting?.canBeAsked(asked) !== true) return undefined;
    for (const id of this.#waiting.ask(asked)) this.#waitsNoMore(id);
    return { kind: "played" };
  }

  #waitsNoMore(id: JobId): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const { waits: _, ...rest } = row;
    this.#rows.set(id, rest);
    const selected = this.#plan?.selected;
    if (this.#plan !== undefined && selected !== undefined)
      this.#plan = { ...this.#plan, selected: new Set([...selected, id]) };
  }

  #move(record: JobStateEvent): TableChange | undefined {
    const { job_id: id, to, ts, reason, blocked_by: blockedBy, kept_from: keptFrom } = record;
    const known = this.#rows.get(id) ?? newRow(id);
    if (isTerminal(known.status)) return undefined;
    const atMs = fromWireTime(ts);
    const { waits: _, paused: __, ...rest } = known;
    const row: JobRow = {
      ...rest,
      status: to,
      ...(to === "ready" && { readyAtMs: atMs }),
      ...(to === "running" && { startedAtMs: atMs }),
      ...(isTerminal(to) && { endedAtMs: atMs }),
      ...(reason !== undefined && { reason }),
      ...(blockedBy !== undefined && { blockedBy }),
      ...(keptFrom !== undefined && { keptFrom }),
    };
    this.#rows.set(id, row);
    if (isTerminal(to)) this.#ended.push(id);
    return { kind: "job", row };
  }
}

function newRow(id: JobId): JobRow {
  return { jobId: id, status: "pending", blockedBy: [] };
}

function selection({ nodes }: GraphIr, { selected, withheld }: LogEvent): Pick<RunPlanFacts, "selected"> {
  const asked = Array.isArray(selected) ? selected.map(String) : undefined;
  const left = new Set(typeof withheld === "object" && withheld !== null ? Object.keys(withheld) : []);
  if (asked === undefined && left.size === 0) return {};
  const names = asked ?? nodes.map(({ id }) => id);
  return { selected: new Set(names.filter((name) => !left.has(name)).map(jobId)) };
}

/** What a record says about which jobs wait for somebody to ask for them. */
function waitingPlan({ nodes }: GraphIr, { selected, withheld }: LogEvent): WaitingPlan {
  const reasons = typeof withheld === "object" && withheld !== null ? Object.entries(withheld) : [];
  return {
    jobs: nodes.map(({ id, needs = [], when }) => ({
      jobId: jobId(id),
      needs: needs.map(jobId),
      ...(when === "manual" && { isManual: true as const }),
    })),
    ...(Array.isArray(selected) && { selected: new Set(selected.map((name) => jobId(String(name)))) }),
    withheld: new Map(
      reasons.flatMap(([job, reason]) =>
        reason === "manual" || reason === "condition_not_met" ? [[jobId(job), reason] as const] : [],
      ),
    ),
  };
}
