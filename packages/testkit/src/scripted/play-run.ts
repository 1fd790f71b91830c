import { batchOf } from "@loom/contract-suites";
import {
  epochMs,
  planFacts,
  planRun,
  RunMachine,
  type EpochMs,
  type EventError,
  type FactValue,
  type GraphIr,
  type JobId,
  type JobSchedule,
  type LoomEvent,
  type OutputStream,
  type PhaseOutcome,
  type ProcessEnd,
  type ResumeHow,
  type RunCommand,
  type RunIdentity,
  type RunInput,
  type RunPlan,
  type RunResult,
  type SectionName,
  type StopCause,
  type StreamRef,
} from "@loom/core";
import type { LifecycleRecord, RecordSink } from "@loom/ports";
import { FakeClock } from "../fake-clock.ts";

/** What one step does. Default: succeeds after 10 ms without a word. */
export interface StepPlay {
  readonly ms?: number;
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
  readonly end?: ProcessEnd;
}

/** A run to play. */
export interface RunPlay {
  readonly graph: GraphIr;
  /** Default: 2. */
  readonly concurrency?: number;
  readonly failFast?: boolean;
  readonly step?: (job: string, step: number, attempt: number) => StepPlay | undefined;
  readonly prepare?: (job: string, attempt: number) => EventError | undefined;
  readonly bootstrapError?: EventError;
  /** How long a job is held after a step that failed. Milliseconds. Default: it fails at once. */
  readonly pauseTimeoutMs?: number;
  /** What somebody says a millisecond after a job is held. Default: nothing. */
  readonly resume?: (job: string, step: number, attempt: number) => ResumeHow | undefined;
  readonly stop?: { readonly atMs: number; readonly cause: StopCause };
  /** From then on nothing is written any more. */
  readonly dieAtMs?: number;
  /** Where and how it was started, as the run's own stream has it. */
  readonly began?: Readonly<Record<string, FactValue>>;
  /** Where its jobs worked, as the run's own stream has it. */
  readonly workplace?: { readonly workspace: string; readonly snapshot_path?: string };
  readonly headSha?: string;
  readonly dirtyFiles?: readonly string[];
}

/** What a run is played with. */
export interface PlayParts {
  readonly identity: RunIdentity;
  readonly sink: RecordSink;
  readonly schedule: (plan: RunPlan) => JobSchedule;
  /** Writes what the run has beside its records, while `run.finalize` is open. */
  readonly finalize?: (result: RunResult, finishedAtMs: EpochMs) => void;
}

/** A record of a played run, and where it belongs. */
export interface PlayedRecord {
  readonly stream: StreamRef;
  readonly record: LifecycleRecord;
}

/** When each played run begins. */
export const PLAY_STARTED_MS: EpochMs = epochMs(Date.UTC(2026, 0, 1));

/**
 * Plays a run through the real machine: only the processes and the clock are
 * not real. The run begins at 2026-01-01T00:00:00Z.
 *
 * @returns Every record but output, as the sink was given them.
 */
export function playRun(play: RunPlay, parts: PlayParts): readonly PlayedRecord[] {
  return new Player(play, parts).play();
}

const SUCCESS: PhaseOutcome = { status: "success" };

class Player {
  readonly #records: PlayedRecord[] = [];
  readonly #play: RunPlay;
  readonly #parts: PlayParts;
  readonly #machine: RunMachine;
  readonly #clock = new FakeClock(PLAY_STARTED_MS);
  /** Brings forward what each job does. */
  readonly #hurry = new Map<JobId, () => void>();
  /** Withdraws what would end the pause of each job that is held. */
  readonly #pauses = new Map<JobId, () => void>();
  #seq = 0;

  constructor(play: RunPlay, parts: PlayParts) {
    this.#play = play;
    this.#parts = parts;
    this.#machine = new RunMachine(parts);
  }

  play(): readonly PlayedRecord[] {
    const { stop, dieAtMs } = this.#play;
    if (stop !== undefined) this.#clock.after(stop.atMs, () => this.#stop(stop.cause));
    this.#give({ type: "run_started", atMs: this.#clock.now() });
    this.#clock.advance((dieAtMs ?? Infinity) - 1);
    if (dieAtMs === undefined && this.#machine.stage !== "finished") {
      throw new Error("The played run waits for something that does not come");
    }
    return this.#records;
  }

  #stop(cause: StopCause): void {
    if (this.#machine.stage !== "executing") return;
    this.#give({ type: "stop_requested", cause, atMs: this.#clock.now() });
  }

  #give(input: RunInput): void {
    const step = this.#machine.step(input);
    if (!step.ok) throw new Error(step.error.message);
    for (const { stream, event } of step.value.emissions) this.#record(stream, event);
    this.#parts.sink.flush();
    for (const command of step.value.commands) this.#perform(command);
  }

  #record(stream: StreamRef, event: object): void {
    this.#seq += 1;
    const record = { seq: this.#seq, ts: this.#ts(), ...event } as LoomEvent as LifecycleRecord;
    this.#records.push({ stream, record });
    this.#parts.sink.record(stream, record);
  }

  #ts(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #log(stream: StreamRef, message: string, facts: Readonly<Record<string, FactValue>>): void {
    this.#record(stream, { event: "log", level: "info", message, ...facts });
  }

  #print(stream: StreamRef, output: OutputStream, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const batch = batchOf(lines, { stream: output, firstSeq: this.#seq + 1, ts: this.#ts() });
    this.#seq += lines.length;
    this.#parts.sink.lines(stream, batch);
  }

  #perform(command: RunCommand): void {
    switch (command.type) {
      case "bootstrap":
        this.#clock.after(1, () => this.#bootstrap());
        return;
      case "finalize":
        this.#parts.finalize?.(this.#machine.result(), this.#clock.now());
        this.#clock.after(1, () =>
          this.#give({ type: "finalized", outcome: SUCCESS, atMs: this.#clock.now() }),
        );
        return;
      case "start_job":
        this.#later(command.jobId, 1, () => this.#prepare(command.jobId, command.attempt));
        return;
      case "run_step":
        return this.#runStep(command.jobId, command.step, command.attempt);
      case "run_phase":
        this.#clock.after(1, () => this.#finishPhase(command, SUCCESS));
        return;
      case "clean_up_job":
        this.#clock.after(1, () => this.#cleanUp(command.jobId));
        return;
      case "pause_job":
        return this.#pause(command);
      case "end_pause":
        return this.#pauses.get(command.jobId)?.();
      case "start_timer":
      case "stop_timer":
      case "cancel_step":
        return;
      case "cancel_job":
        return this.#hurry.get(command.jobId)?.();
    }
  }

  #pause({ jobId, step, attempt, timeoutMs }: RunCommand & { readonly type: "pause_job" }): void {
    const run: StreamRef = { kind: "run" };
    this.#log(run, "Held", { job_paused: jobId, step, timeout_ms: timeoutMs });
    this.#parts.sink.flush();
    const said = this.#play.resume?.(jobId, step, attempt);
    const withdraw = this.#clock.after(said === undefined ? timeoutMs : 1, () => {
      const how = said ?? "continue";
      this.#log(run, "Goes on", { resume_job: jobId, how });
      this.#give({ type: "job_resumed", jobId, how, atMs: this.#clock.now() });
    });
    this.#pauses.set(jobId, withdraw);
  }

  /** Has a job do something after a while, or 1 ms after it is told to stop. */
  #later(jobId: JobId, ms: number, act: (isCancelled: boolean) => void): void {
    const withdraw = this.#clock.after(ms, () => {
      this.#hurry.delete(jobId);
      act(false);
    });
    this.#hurry.set(jobId, () => {
      this.#hurry.delete(jobId);
      withdraw();
      this.#clock.after(1, () => act(true));
    });
  }

  #bootstrap(): void {
    const { graph, bootstrapError: error, began, workplace, headSha, dirtyFiles = [] } = this.#play;
    const { concurrency = 2, failFast = false } = this.#play;
    const run: StreamRef = { kind: "run" };
    const atMs = this.#clock.now();
    if (began !== undefined) this.#log(run, "Run began", began);
    if (workplace !== undefined) this.#log(run, "Jobs work in a folder", { ...workplace });
    if (headSha !== undefined) {
      this.#log(run, "Workspace attribution", { head_sha: headSha, dirty_files: dirtyFiles });
    }
    if (error !== undefined) {
      return this.#give({ type: "bootstrap_finished", outcome: { status: "failed", error }, atMs });
    }
    const { pauseTimeoutMs } = this.#play;
    const plan = planRun(graph, { concurrency, failFast, pauseTimeoutMs });
    this.#log(run, "Workflow compiled", planFacts(graph, plan));
    this.#give({ type: "bootstrap_finished", outcome: { status: "success", plan }, atMs });
  }

  #prepare(jobId: JobId, attempt: number): void {
    const error = this.#play.prepare?.(jobId, attempt);
    const outcome: PhaseOutcome = error === undefined ? SUCCESS : { status: "failed", error };
    this.#section(jobId, "provider", outcome, (stream) =>
      this.#log(stream, "Provider", { provider: "host" }),
    );
    this.#finishPhase({ jobId, phase: "job.provider_prepare" }, outcome);
  }

  #runStep(jobId: JobId, step: number, attempt: number): void {
    const { ms = 10, stdout = [], stderr = [], end } = this.#play.step?.(jobId, step, attempt) ?? {};
    const stream: StreamRef = { kind: "step", jobId, step };
    this.#print(stream, "stdout", stdout);
    this.#print(stream, "stderr", stderr);
    this.#later(jobId, ms, (isCancelled) => {
      const ended: ProcessEnd = isCancelled
        ? { kind: "signaled", signal: "SIGTERM" }
        : (end ?? { kind: "exited", exitCode: 0 });
      this.#give({ type: "step_finished", jobId, step, end: ended, atMs: this.#clock.now() });
    });
  }

  #cleanUp(jobId: JobId): void {
    this.#section(jobId, "cleanup", SUCCESS);
    this.#finishPhase({ jobId, phase: "job.cleanup" }, SUCCESS);
  }

  #section(
    jobId: JobId,
    section: SectionName,
    outcome: PhaseOutcome,
    during: (stream: StreamRef) => void = () => undefined,
  ): void {
    const atMs = this.#clock.now();
    this.#give({ type: "section_started", jobId, section, atMs });
    during({ kind: "section", jobId, section });
    this.#give({ type: "section_finished", jobId, section, outcome, atMs });
  }

  #finishPhase(
    { jobId, phase }: Pick<RunInput & { readonly type: "phase_finished" }, "jobId" | "phase">,
    outcome: PhaseOutcome,
  ): void {
    this.#give({ type: "phase_finished", jobId, phase, outcome, atMs: this.#clock.now() });
  }
}
