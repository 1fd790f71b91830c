import { errorCode } from "../src/error-code.ts";
import {
  epochMs,
  jobId,
  runIdentity,
  RunMachine,
  type EpochMs,
  type EventError,
  type JobId,
  type SystemPhaseCode,
  type JobPlan,
  type PhaseOutcome,
  type ProcessEnd,
  type RecordedEvent,
  type RunIdentity,
  type RunInput,
  type RunPlan,
  type StopCause,
} from "../src/index.ts";
import { naiveSchedule } from "./naive-schedule.ts";

/** Whose records they are. */
export const identity: RunIdentity = runIdentity(1n);
/** A moment of the run. */
export function at(ms: number): EpochMs {
  return epochMs(ms);
}

/** The one job of the run. */
export const build: JobId = jobId("build");
/** How a phase ends that goes well. */
export const ok = { status: "success" } as const;
/** Why something failed. */
export const broken: EventError = { code: errorCode("image_not_found"), message: "No such image" };
/** Why something was ended. */
export const tooLong: EventError = { code: "timeout", message: "The job ran longer than its limit of 5 s" };

/** It has every phase there is. */
export const job: JobPlan = {
  jobId: build,
  stage: "main",
  needs: [],
  when: "on_success",
  allowFailure: false,
  stepCount: 1,
  retry: { max: 0, on: [] },
  timeoutMs: 5000,
  restoresCache: true,
  restoresArtifacts: true,
  savesArtifacts: "always",
  savesCache: "always",
};
/** A run of that job alone. */
export const plan: RunPlan = { stages: ["main"], jobs: [job], concurrency: 1, failFast: false };

/** What leads a run to where its job is set up. */
export const started: readonly RunInput[] = [
  { type: "run_started", atMs: at(0) },
  { type: "bootstrap_finished", outcome: { status: "success", plan }, atMs: at(1) },
];

/** A phase of the job ends. */
export function phase(name: SystemPhaseCode, outcome: PhaseOutcome = ok): RunInput {
  return { type: "phase_finished", jobId: build, phase: name, outcome, atMs: at(3) };
}

/** The job reaches its limit. */
export const timedOut: RunInput = { type: "job_timed_out", jobId: build, attempt: 1, atMs: at(3) };

/** The step of the job ends. */
export function step(end: ProcessEnd): RunInput {
  return { type: "step_finished", jobId: build, step: 1, end, atMs: at(4) };
}

/** Somebody stops the run. */
export function stop(cause: StopCause): RunInput {
  return { type: "stop_requested", cause, atMs: at(3) };
}

/** What leads it to where the step runs. */
export const ready: readonly RunInput[] = [
  ...started,
  phase("job.provider_prepare"),
  phase("job.cache_restore"),
  phase("job.artifact_restore"),
];

/** What a run leaves behind that is given these inputs. */
export function run(inputs: readonly RunInput[]): { machine: RunMachine; records: RecordedEvent[] } {
  const machine = new RunMachine({ identity, schedule: naiveSchedule });
  const records: RecordedEvent[] = [];
  const record = (stream: RecordedEvent["stream"], fields: object, atMs: number): void => {
    const event = { seq: records.length + 1, ts: `t${atMs}`, ...fields } as RecordedEvent["record"];
    records.push({ stream, record: event, atMs: epochMs(atMs) });
  };
  for (const input of inputs) {
    if (input.type === "stop_requested" || input.type === "job_stop_requested") {
      const fact = input.type === "stop_requested" ? { stop: input.cause } : { cancel_job: input.jobId };
      record({ kind: "run" }, { event: "log", level: "warn", message: "stop", ...fact }, input.atMs);
    }
    const taken = machine.step(input);
    if (!taken.ok) throw new Error(taken.error.message);
    for (const { stream, event } of taken.value.emissions) record(stream, event, input.atMs);
  }
  return { machine, records };
}

/** A section of the set-up begins or ends. */
export function section(type: "section_started" | "section_finished", outcome: PhaseOutcome = ok): RunInput {
  const about = { jobId: build, section: "provider", atMs: at(2) } as const;
  return type === "section_started" ? { type, ...about } : { type, ...about, outcome };
}
