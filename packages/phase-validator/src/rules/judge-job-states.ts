import type { JudgedJob, PhaseSpan, RecordPlace, JudgedRun } from "../intake/run-facts.ts";
import type { ViolationLog, ViolationPlace } from "../report/violation-log.ts";
import { spanTitle, startPlace } from "./span-place.ts";

/** Finds jobs whose states do not fit the pipeline, their phases, or an end. */
export function judgeJobStates(run: JudgedRun, log: ViolationLog): void {
  const pipeline = run.envelope.get("pipeline.execute");
  for (const job of run.jobs.values()) {
    judgeEnd(job, log);
    judgeRan(job, log);
    if (pipeline !== undefined) judgeInsidePipeline(job, pipeline, log);
  }
  for (const { id } of run.graph?.jobs ?? []) {
    if (!run.jobs.has(id)) log.add("missing_start", statePlace(id, undefined), () => noState(id));
  }
}

function judgeEnd(job: JudgedJob, log: ViolationLog): void {
  if (job.lastState === undefined) {
    log.add("missing_start", statePlace(job.id, undefined), () => noState(job.id));
    return;
  }
  if (job.terminal !== undefined) return;
  log.add(
    "missing_finish",
    statePlace(job.id, job.lastState),
    () => `The job "${job.id}" never ended: its last state is ${job.state}`,
  );
}

function judgeRan(job: JudgedJob, log: ViolationLog): void {
  if (job.running !== undefined || job.lastState === undefined) return;
  const span = job.spans.find(({ code }) => code !== "job.cleanup");
  if (span === undefined) return;
  log.add(
    "out_of_order",
    startPlace(span),
    () => `${spanTitle(span)} took place in the job "${job.id}", which was never recorded as running`,
  );
}

function judgeInsidePipeline(job: JudgedJob, pipeline: PhaseSpan, log: ViolationLog): void {
  const { firstState, lastState } = job;
  if (firstState !== undefined && firstState.seq < pipeline.startSeq) {
    const message = (): string => `A state of the job "${job.id}" comes before "pipeline.execute"`;
    log.add("outside_parent", statePlace(job.id, firstState), message);
  }
  if (lastState !== undefined && lastState.seq > pipeline.finishSeq) {
    const message = (): string => `A state of the job "${job.id}" comes after "pipeline.execute"`;
    log.add("outside_parent", statePlace(job.id, lastState), message);
  }
}

function statePlace(jobId: string, record: RecordPlace | undefined): ViolationPlace {
  return { streamPath: "pipeline/events.jsonl", line: record?.line ?? 0, scope: "job", jobId };
}

function noState(jobId: string): string {
  return `No record has the state of the job "${jobId}"`;
}
