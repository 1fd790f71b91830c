import type { RunReader } from "@loom/artifacts";
import {
  type EpochMs,
  type GraphNode,
  type JobId,
  type LoomEvent,
  type OutputEvent,
  type PhaseFinishEvent,
  type PhaseStartEvent,
  nodeSteps,
} from "@loom/core";
import { executionStreamPath, streamPath } from "@loom/record";
import { plainLine } from "../errors/plain-line.ts";
import { compiledJobs } from "../log/compiled-jobs.ts";
import type { RunningWork } from "./explanation.ts";
import { oneLine } from "./one-line.ts";
import { readStop } from "./read-stop.ts";

/** Jobs that are looked at; each costs the ends of two streams. */
const JOBS = 3;

/** Lines from the end of which the last one before a stop is taken. */
const LINES = 50;

/**
 * What jobs were doing when they were asked to end, when their run was cut off, or now.
 *
 * @param jobs - Those that ran, of which the first 3 are looked at.
 * @param nowMs - The time; absent for a run that is over: then only what came before a stop is known to be silence.
 */
export async function readRunningWork(
  run: RunReader,
  jobs: readonly JobId[],
  nowMs: EpochMs | undefined,
): Promise<readonly RunningWork[]> {
  if (jobs.length === 0) return [];
  const compiled = await compiledJobs(run);
  return await Promise.all(jobs.slice(0, JOBS).map((job) => readJob(run, job, { compiled, nowMs })));
}

async function readJob(
  run: RunReader,
  jobId: JobId,
  { compiled, nowMs }: { readonly compiled: readonly GraphNode[]; readonly nowMs: EpochMs | undefined },
): Promise<RunningWork> {
  const [bounds, stop] = await Promise.all([
    run.tailEvents(executionStreamPath(jobId), 1, isStepBoundary),
    readStop(run, jobId),
  ]);
  const bound = bounds.ok ? bounds.value[0] : undefined;
  if (bound?.step === undefined) return { job_id: jobId };
  const { step } = bound;
  const node = compiled.find(({ id }) => id === jobId);
  const { script: command, options } = (node && nodeSteps(node)[step - 1]) ?? {};
  const stream = streamPath({ kind: "step", jobId, step });
  const tail = await run.tailStream(stream, {
    count: LINES,
    wanted: isOutput,
    maxBytes: 64 * 1024,
    join: {},
  });
  const lines = tail.ok ? tail.value.records : [];
  const last = lines.findLast(({ seq }) => stop === undefined || seq < stop.seq);
  const untilMs = stop === undefined ? nowMs : Date.parse(stop.ts);
  const since = last?.ts ?? (bound.event === "phase_start" ? bound.ts : undefined);
  const silentMs = untilMs === undefined || since === undefined ? undefined : untilMs - Date.parse(since);
  return {
    job_id: jobId,
    step,
    ...(command !== undefined && { command: oneLine(command) }),
    ...(options?.name !== undefined && { name: oneLine(options.name) }),
    ...(last !== undefined && { last_line: plainLine(last.text) }),
    ...(silentMs !== undefined && silentMs >= 0 && { silent_ms: Math.round(silentMs) }),
  };
}

function isOutput(event: LoomEvent): event is OutputEvent {
  return event.event === "output";
}

function isStepBoundary(event: LoomEvent): event is PhaseStartEvent | PhaseFinishEvent {
  return (event.event === "phase_start" || event.event === "phase_finish") && event.scope === "step";
}
