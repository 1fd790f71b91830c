import {
  jobId as asJobId,
  type JobId,
  type LoomEvent,
  type OutputEvent,
  type PhaseStatus,
  type RunId,
  type StreamRef,
  type When,
  whenOf,
} from "@loom/core";
import { fromWireTime, RunTable, type JobRow } from "@loom/record";

/** What became of one job, in milliseconds from the start of the pipeline. */
export interface JobTimes {
  readonly jobId: JobId;
  readonly stage: string;
  readonly needs: readonly JobId[];
  /** What it waits for beside its needs. Absent: all jobs of earlier stages. */
  readonly gate?: "needs";
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
  /** The earlier run whose result a job keeps that did not run. */
  readonly keptFrom?: RunId;
}

/** Stands for the stage of jobs that no graph names. */
const UNKNOWN_STAGE = "unknown";

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
  take(stream: StreamRef, record: Exclude<LoomEvent, OutputEvent>): void;
  /** What is known so far. */
  timeline(): Timeline;
}

/** Creates a timeline builder. The graph comes with the record "Workflow compiled". */
export function createTimeline(): TimelineBuilder {
  return new Builder();
}

class Builder implements TimelineBuilder {
  readonly #table = new RunTable();
  #beganAtMs: number | undefined;
  #lastAtMs = 0;

  take(stream: StreamRef, record: Exclude<LoomEvent, OutputEvent>): void {
    const atMs = fromWireTime(record.ts);
    const change = this.#table.record(stream, record);
    if (change?.kind === "job") this.#lastAtMs = Math.max(this.#lastAtMs, atMs);
    if (stream.kind !== "pipeline") return;
    if (record.event === "phase_start") this.#beganAtMs = atMs;
    if (record.event === "phase_finish") this.#lastAtMs = atMs;
  }

  timeline(): Timeline {
    return timelineOf(this.#table, { beganAtMs: this.#beganAtMs ?? this.#lastAtMs, atMs: this.#lastAtMs });
  }
}

/**
 * The timeline of a run whose table somebody has.
 *
 * @param moments - When the pipeline began, and up to which moment it is told of. Unix time in milliseconds.
 */
export function timelineOf(
  table: Pick<RunTable, "plan" | "rows">,
  { beganAtMs, atMs }: { readonly beganAtMs: number; readonly atMs: number },
): Timeline {
  const since = (ms: number): number => Math.max(0, ms - beganAtMs);
  const rows = table.rows();
  const { graph, concurrency = 1, failFast = false, selected } = table.plan ?? {};
  const stages = graph?.stages ?? [];
  return {
    stages: rows.some(({ node }) => node === undefined) ? [...stages, UNKNOWN_STAGE] : stages,
    jobs: rows.map((row) => timesOf(row, since)),
    concurrency,
    failFast,
    ...(selected !== undefined && { selected }),
    durationMs: since(atMs),
  };
}

function timesOf(row: JobRow, since: (atMs: number) => number): JobTimes {
  const { jobId: id, node, status, readyAtMs, startedAtMs, endedAtMs, reason, blockedBy, keptFrom } = row;
  return {
    jobId: id,
    stage: node?.stage ?? UNKNOWN_STAGE,
    needs: (node?.needs ?? []).map(asJobId),
    ...(node?.gate !== undefined && { gate: node.gate }),
    when: whenOf(node ?? {}),
    // For which exit codes it would be tolerated, no row tells.
    allowFailure: node?.allow_failure === true,
    ...(readyAtMs !== undefined && { readyMs: since(readyAtMs) }),
    ...(startedAtMs !== undefined && { startedMs: since(startedAtMs) }),
    ...(endedAtMs !== undefined && { endedMs: since(endedAtMs) }),
    status,
    ...(reason !== undefined && { reason }),
    blockedBy,
    ...(keptFrom !== undefined && { keptFrom }),
  };
}
