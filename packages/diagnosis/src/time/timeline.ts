import {
  isTerminal,
  jobId as asJobId,
  readGraph,
  type GraphIr,
  type GraphNode,
  type JobId,
  type JobStateEvent,
  type LogEvent,
  type LoomEvent,
  type OutputEvent,
  type PhaseStatus,
  type When,
} from "@loom/core";
import { fromWireTime } from "@loom/record";

/** What became of one job, in milliseconds from the start of the pipeline. */
export interface JobTimes {
  readonly jobId: JobId;
  readonly stage: string;
  readonly needs: readonly JobId[];
  readonly when: When;
  readonly allowFailure: boolean;
  /** When the last of its gates opened; absent for a job that never was ready. */
  readonly readyMs?: number;
  /** When it got a slot; absent for a job that never started. */
  readonly startedMs?: number;
  /** When it ended; absent for one that has not. */
  readonly endedMs?: number;
  readonly status: PhaseStatus | "pending" | "ready" | "running";
  /** A skip reason, the code of an error, or absent. */
  readonly reason?: string;
  readonly blockedBy: readonly JobId[];
}

/** Stands for the stage of jobs whose graph cannot be read. */
const UNKNOWN_STAGE = "unknown";

/** What a timeline takes from a graph. */
type TimelineNode = Pick<GraphNode, "id" | "stage" | "needs" | "when" | "allow_failure">;

/** What happened when in a run. */
export interface Timeline {
  /** In execution order. */
  readonly stages: readonly string[];
  /** In declaration order. */
  readonly jobs: readonly JobTimes[];
  readonly concurrency: number;
  readonly failFast: boolean;
  /** The jobs asked for; absent: all. */
  readonly selected?: ReadonlySet<JobId>;
  /** From the start of the pipeline to its end, or to the last record so far. */
  readonly durationMs: number;
}

/** Gathers what happened when from the records of a run, while it goes on or afterwards. */
export interface TimelineBuilder {
  /** Takes one record of the run's or the pipeline's stream, in order; all others are passed over. */
  take(record: Exclude<LoomEvent, OutputEvent>): void;
  /** What is known so far. */
  timeline(): Timeline;
}

interface MutableTimes {
  readyAt?: number;
  startedAt?: number;
  endedAt?: number;
  status: JobTimes["status"];
  reason?: string;
  blockedBy: readonly JobId[];
}

/** Creates a timeline builder. The graph comes with the record "Workflow compiled". */
export function createTimeline(): TimelineBuilder {
  return new Builder();
}

class Builder implements TimelineBuilder {
  readonly #times = new Map<JobId, MutableTimes>();
  #graph: GraphIr | undefined;
  #concurrency = 1;
  #failFast = false;
  #selected: ReadonlySet<JobId> | undefined;
  #beganAt: number | undefined;
  #lastAt = 0;

  take(record: Exclude<LoomEvent, OutputEvent>): void {
    switch (record.event) {
      case "phase_start":
        if (record.phase_code === "pipeline.execute") this.#beganAt = fromWireTime(record.ts);
        return;
      case "phase_finish":
        if (record.phase_code === "pipeline.execute") this.#lastAt = fromWireTime(record.ts);
        return;
      case "log":
        if (typeof record["graph_ir"] === "object") this.#takePlan(record);
        return;
      case "job_state":
        this.#takeState(record);
    }
  }

  timeline(): Timeline {
    const began = this.#beganAt ?? this.#lastAt;
    const since = (atMs: number): number => Math.max(0, atMs - began);
    // Without a graph that a run can have, the jobs are those that changed their state.
    const nodes: readonly TimelineNode[] =
      this.#graph?.nodes ?? [...this.#times.keys()].map((id) => ({ id, stage: UNKNOWN_STAGE }));
    const jobs = nodes.map((node): JobTimes => {
      const id = asJobId(node.id);
      const times = this.#times.get(id);
      return {
        jobId: id,
        stage: node.stage,
        needs: (node.needs ?? []).map(asJobId),
        when: node.when ?? "on_success",
        allowFailure: node.allow_failure ?? false,
        ...(times?.readyAt !== undefined && { readyMs: since(times.readyAt) }),
        ...(times?.startedAt !== undefined && { startedMs: since(times.startedAt) }),
        ...(times?.endedAt !== undefined && { endedMs: since(times.endedAt) }),
        status: times?.status ?? "pending",
        ...(times?.reason !== undefined && { reason: times.reason }),
        blockedBy: times?.blockedBy ?? [],
      };
    });
    return {
      stages: this.#graph?.stages ?? (nodes.length > 0 ? [UNKNOWN_STAGE] : []),
      jobs,
      concurrency: this.#concurrency,
      failFast: this.#failFast,
      ...(this.#selected !== undefined && { selected: this.#selected }),
      durationMs: since(this.#lastAt),
    };
  }

  #takePlan(record: LogEvent): void {
    const graph = readGraph(record["graph_ir"]);
    if (graph === undefined) return;
    this.#graph = graph;
    if (typeof record["concurrency"] === "number")
      this.#concurrency = Math.max(1, Math.floor(record["concurrency"]));
    this.#failFast = record["fail_fast"] === true;
    const selected = record["selected"];
    if (Array.isArray(selected)) this.#selected = new Set(selected.map((name) => asJobId(String(name))));
  }

  #takeState({ job_id: job, to, ts, reason, blocked_by: blockedBy }: JobStateEvent): void {
    const atMs = fromWireTime(ts);
    const times = this.#times.get(job) ?? { status: "pending", blockedBy: [] };
    times.status = to;
    if (to === "ready") times.readyAt = atMs;
    if (to === "running") times.startedAt = atMs;
    if (isTerminal(to)) times.endedAt = atMs;
    if (reason !== undefined) times.reason = reason;
    if (blockedBy !== undefined) times.blockedBy = blockedBy;
    this.#times.set(job, times);
    this.#lastAt = Math.max(this.#lastAt, atMs);
  }
}
