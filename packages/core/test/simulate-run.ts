import { errorCode } from "../src/error-code.ts";
import {
  epochMs,
  isPaused,
  jobId,
  runIdentity,
  RunMachine,
  type EventError,
  type JobId,
  type SystemPhaseCode,
  type JobPlan,
  type JobState,
  type LoomEvent,
  type OutputEvent,
  type PhaseOutcome,
  type ProcessEnd,
  type RecordedEvent,
  type RunCommand,
  type RunInput,
  type RunPlan,
  type SectionName,
  type StopCause,
} from "../src/index.ts";
import { naiveSchedule } from "./naive-schedule.ts";

/** Everything that chance decides in a simulated run. */
export interface Fate {
  readonly plan: RunPlan;
  /** Picks which of the things under way ends next, and how; one number is used up per choice. */
  readonly choices: readonly number[];
  readonly bootstrapFails: boolean;
  /** After how many inputs the run is asked to stop. Absent: never. */
  readonly stopAfter?: number;
  readonly stopCause: StopCause;
}

/** The identity of every simulated run. */
export const IDENTITY: ReturnType<typeof runIdentity> = runIdentity(1_700_000_000_000_000_000n);

const WORKER_LOST: EventError = { code: "worker_lost", message: "The machine does not answer" };

type Record = Exclude<LoomEvent, OutputEvent>;

/** Runs a plan to its end with nothing real in it, and keeps what was recorded. */
export function simulateRun(fate: Fate): { machine: RunMachine; records: readonly RecordedEvent[] } {
  const machine = new RunMachine({ identity: IDENTITY, schedule: naiveSchedule });
  const records: RecordedEvent[] = [];
  const open: RunCommand[] = [];
  /** The attempts whose limit may be reached. */
  const timers = new Map<JobId, number>();
  /** The steps whose own limit may be reached. */
  const stepTimers = new Map<JobId, { readonly attempt: number; readonly step: number }>();
  const plans = new Map<JobId, JobPlan>(fate.plan.jobs.map((job) => [job.jobId, job]));
  let atMs = epochMs(1_700_000_000_000);
  let inputs = 0;
  let choice = 0;
  let stopped = false;
  const choose = (below: number): number => (fate.choices[choice++ % fate.choices.length] ?? 0) % below;
  const record = (stream: RecordedEvent["stream"], fields: object): void => {
    const seq = records.length + 1;
    records.push({ stream, record: { seq, ts: `t${atMs}`, ...fields } as Record, atMs });
  };
  const give = (input: RunInput): void => {
    const step = machine.step(input);
    if (!step.ok) throw new Error(step.error.message);
    for (const emission of step.value.emissions) record(emission.stream, emission.event);
    for (const command of step.value.commands) {
      if (command.type === "start_timer" && command.step !== undefined)
        stepTimers.set(command.jobId, { attempt: command.attempt, step: command.step });
      else if (command.type === "stop_timer" && command.step !== undefined) stepTimers.delete(command.jobId);
      else if (command.type === "start_timer") timers.set(command.jobId, command.attempt);
      else if (command.type === "stop_timer") timers.delete(command.jobId);
      else if (command.type === "end_pause") {
        const ended = open.findIndex((each) => each.type === "pause_job" && each.jobId === command.jobId);
        if (ended !== -1) open.splice(ended, 1);
      } else if (command.type !== "cancel_job" && command.type !== "cancel_step") open.push(command);
    }
    inputs += 1;
    atMs = epochMs(atMs + choose(3));
  };
  give({ type: "run_started", atMs });
  while (machine.stage !== "finished") {
    if (
      !stopped &&
      inputs >= (fate.stopAfter ?? Infinity) &&
      (machine.stage === "executing" || machine.stage === "bootstrapping")
    ) {
      stopped = true;
      record({ kind: "run" }, { event: "log", level: "warn", message: "stop", stop: fate.stopCause });
      give({ type: "stop_requested", cause: fate.stopCause, atMs });
      continue;
    }
    const [late] = timers;
    if (late !== undefined && choose(8) === 0) {
      const [jobId, attempt] = late;
      timers.delete(jobId);
      give({ type: "job_timed_out", jobId, attempt, atMs });
      continue;
    }
    const [slow] = stepTimers;
    if (slow !== undefined && choose(6) === 0) {
      const [jobId, overdue] = slow;
      stepTimers.delete(jobId);
      give({ type: "step_timed_out", jobId, ...overdue, atMs });
      continue;
    }
    const running = fate.plan.jobs.filter(({ jobId }) => canBeCancelled(machine.jobState(jobId)));
    const asked = running[choose(Math.max(1, running.length))];
    if (asked !== undefined && choose(12) === 0) {
      const { jobId } = asked;
      timers.delete(jobId);
      stepTimers.delete(jobId);
      record({ kind: "run" }, { event: "log", level: "warn", message: "asked", cancel_job: jobId });
      give({ type: "job_stop_requested", jobId, atMs });
      continue;
    }
    const [command] = open.splice(choose(open.length), 1);
    if (command === undefined) throw new Error(`Nothing is under way, yet the run is ${machine.stage}`);
    answer(command);
  }
  return { machine, records };

  function answer(command: RunCommand): void {
    switch (command.type) {
      case "bootstrap": {
        const error = { code: errorCode("no_workspace"), message: "There is no workspace" };
        const { plan } = fate;
        const outcome = fate.bootstrapFails
          ? { status: "failed" as const, error, plan }
          : { status: "success" as const, plan };
        return give({ type: "bootstrap_finished", outcome, atMs });
      }
      case "finalize":
        return give({ type: "finalized", outcome: { status: "success" }, atMs });
      case "start_job":
        section(command.jobId, "provider");
        return finishPhase(command.jobId, "job.provider_prepare", outcomeByChance());
      case "run_phase":
        return finishPhase(command.jobId, command.phase, outcomeByChance());
      case "clean_up_job":
        section(command.jobId, "cleanup");
        return finishPhase(command.jobId, "job.cleanup", { status: "success" });
      case "run_step":
        return give({
          type: "step_finished",
          jobId: command.jobId,
          step: command.step,
          end: endByChance(),
          atMs,
        });
      case "pause_job": {
        const { jobId } = command;
        // Whatever fails again and again is let go in the end.
        const how = command.attempt < 6 && choose(2) === 0 ? "retry_step" : "continue";
        record({ kind: "run" }, { event: "log", level: "info", message: "asked", resume_job: jobId, how });
        return give({ type: "job_resumed", jobId, how, atMs });
      }
      case "end_pause":
      case "start_timer":
      case "stop_timer":
      case "cancel_step":
      case "cancel_job":
        return undefined;
    }
  }

  function section(id: JobId, name: SectionName): void {
    give({ type: "section_started", jobId: id, section: name, atMs });
    give({ type: "section_finished", jobId: id, section: name, outcome: { status: "success" }, atMs });
  }

  function finishPhase(id: JobId, phase: SystemPhaseCode, outcome: PhaseOutcome): void {
    if (!plans.has(id)) throw new Error(`No job ${id}`);
    give({ type: "phase_finished", jobId: id, phase, outcome, atMs });
  }

  function outcomeByChance(): PhaseOutcome {
    if (choose(8) > 0) return { status: "success" };
    if (choose(4) === 0) return { status: "failed", error: WORKER_LOST };
    return { status: "failed", error: { code: errorCode("no_image"), message: "no such image" } };
  }

  function endByChance(): ProcessEnd {
    switch (choose(11)) {
      case 0:
        return { kind: "exited", exitCode: 3 };
      case 1:
        return { kind: "signaled", signal: "SIGSEGV" };
      case 2:
        return { kind: "signaled", signal: "SIGTERM" };
      case 3:
        return { kind: "not_started", error: { code: errorCode("spawn_failed"), message: "no shell" } };
      case 4:
        return { kind: "exited", exitCode: 143 };
      case 5:
        return { kind: "lost", error: WORKER_LOST };
      default:
        return { kind: "exited", exitCode: 0 };
    }
  }
}

/** A job's name in simulated plans. */
export function nameOf(index: number): JobId {
  return jobId(`j${index}`);
}

function canBeCancelled(state: JobState | undefined): boolean {
  if (state?.status !== "running" || state.phase === "job.cleanup") return false;
  return isPaused(state) || state.stop === undefined;
}
