import type { RunReader } from "@loom/artifacts";
import type {
  JobId,
  JobStateEvent,
  LogEvent,
  LoomEvent,
  PhaseCode,
  PhaseFinishEvent,
  PhaseStatus,
  RunStatus,
} from "@loom/core";
import { RunTable } from "@loom/record";

/** How far back in the pipeline's stream to go. */
const MAX_BYTES = 256 * 1024;

/** What the stream of a pipeline without an end says of its jobs. */
export interface UnfinishedJobs {
  readonly running: readonly JobId[];
  /** In the order in which they failed. */
  readonly failed: readonly JobId[];
  /** Those among the running ones that are held after a step that failed. */
  readonly held: readonly JobId[];
  /** Time of the last change. */
  readonly lastChangeAt?: string;
  /** How the run ended, if its streams say that it did. */
  readonly endedWith?: RunStatus;
}

/** Reads the last states of jobs from the end of the pipeline's stream. */
export async function readUnfinishedJobs(run: RunReader): Promise<UnfinishedJobs> {
  const query = { count: Number.MAX_SAFE_INTEGER, wanted: isJobState, maxBytes: MAX_BYTES };
  const [tail, holds, closing, ends] = await Promise.all([
    run.tailStream("pipeline/events.jsonl", query),
    run.tailEvents("events.jsonl", MAX_HOLDS, isAboutHolding),
    run.tailEvents("events.jsonl", 1, isEndOf("run.finalize")),
    run.tailEvents("pipeline/events.jsonl", 1, isEndOf("pipeline.execute")),
  ]);
  const isClosed = closing.ok && closing.value.length > 0;
  const status = isClosed && ends.ok ? ends.value[0]?.status : undefined;
  const table = new RunTable();
  let lastChangeAt: string | undefined;
  for (const record of tail.ok ? tail.value.records : []) {
    if (table.record({ kind: "pipeline" }, record) !== undefined) lastChangeAt = record.ts;
  }
  for (const record of holds.ok ? holds.value : []) table.record({ kind: "run" }, record);
  return {
    held: table.rows().flatMap(({ jobId, paused }) => (paused === undefined ? [] : [jobId])),
    running: table.rows().flatMap(({ jobId, status }) => (status === "running" ? [jobId] : [])),
    failed: table.endedIds.filter((id) => table.row(id)?.status === "failed"),
    ...(lastChangeAt !== undefined && { lastChangeAt }),
    ...(status !== undefined && { endedWith: RUN_STATUSES[status] }),
  };
}

/** What a run is called whose pipeline ended so. */
const RUN_STATUSES: { readonly [S in PhaseStatus]: RunStatus } = {
  success: "success",
  failed: "failure",
  cancelled: "cancelled",
  skipped: "failure",
};

/** How far back it is looked for jobs that are held. */
const MAX_HOLDS = 100;

function isAboutHolding(event: LoomEvent): event is LogEvent {
  return event.event === "log" && ("job_paused" in event || "resume_job" in event);
}

function isEndOf(phase: PhaseCode): (event: LoomEvent) => event is PhaseFinishEvent {
  return (event): event is PhaseFinishEvent => event.event === "phase_finish" && event.phase_code === phase;
}

function isJobState(event: LoomEvent): event is JobStateEvent {
  return event.event === "job_state";
}
