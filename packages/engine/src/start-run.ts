import {
  isPaused,
  lostReport,
  RunMachine,
  unreachable,
  type EventError,
  type FactValue,
  type JobCommand,
  type JobId,
  type JobReport,
  type JobSchedule,
  type Result,
  type ResumeHow,
  type RunCommand,
  type RunIdentity,
  type RunInput,
  type RunPlan,
  type RunResult,
  type StopCause,
} from "@loom/core";
import {
  TERMINATION_GRACE_MS,
  type BootstrapFailure,
  type Clock,
  type JobShell,
  type PreparedRun,
  type RecordSink,
  type RunHost,
  type ShellOptions,
} from "@loom/ports";
import { jobEvents } from "./job-events.ts";
import { JobRunner, type CarriedOnStep } from "./job-runner.ts";
import { RecordStream } from "./record-stream.ts";

/** Everything a run is made of. */
export interface RunOptions {
  readonly identity: RunIdentity;
  readonly host: RunHost;
  /** `createSchedule` of `@loom/scheduler`, or a stand-in. */
  readonly schedule: (plan: RunPlan) => JobSchedule;
  /** Who hears of the run. Each gets every record, in the order given here. */
  readonly sinks: readonly RecordSink[];
  readonly clock: Clock;
  /** Milliseconds between SIGTERM and SIGKILL when a job is stopped. Default: `TERMINATION_GRACE_MS`. */
  readonly graceMs?: number | undefined;
  /** A run to take up that another process has begun, and did not end. Default: a new one. */
  readonly resumed?: ResumedRun | undefined;
}

/** A run whose process is gone, ready to be taken up. The sinks have what was recorded. */
export interface ResumedRun {
  /** As the records have it: `executing`. Its schedule chooses what starts from now on. */
  readonly machine: RunMachine;
  /** The last `seq` that was given. */
  readonly lastSeq: number;
  readonly prepared: PreparedRun;
  /** Jobs whose step goes on elsewhere: they are carried on, while what is under way otherwise is lost. Default: none. */
  readonly carriedOn?: ReadonlyMap<JobId, CarriedOnJob> | undefined;
}

/** A job whose step under way goes on, though the process that had begun it is gone. */
export interface CarriedOnJob extends CarriedOnStep {
  /** What is noted of it. */
  readonly note: RequestNote;
}

/** Why a run under way is asked to stop. */
export type StopRequestCause = Exclude<StopCause, { readonly kind: "interrupted" }>;

/** A run under way. */
export interface RunHandle {
  /**
   * Resolves when the run is over and every sink has its last record.
   * Rejects only on a bug, after everything that ran was killed. A bug of a
   * provider is told by the names of the provider and the job, with what it
   * threw as the `cause`.
   */
  readonly finished: Promise<RunResult>;
  /** Asks the run to stop: nothing new starts, what runs is terminated. Only the first cause counts. */
  stop(cause: StopRequestCause): void;
  /** Ends what runs without grace. The run still closes and finalizes. */
  kill(): void;
  /**
   * Records what is asked of the run from outside.
   *
   * @returns False, and nothing is recorded, once the run is being finalized.
   */
  note(message: string, facts: Readonly<Record<string, FactValue>>): boolean;
  /**
   * Asks one job to stop, which then has failed, and records who asked.
   *
   * @param message - What is recorded, with the facts.
   * @returns False, and nothing is recorded, when the job is not running or stops already.
   */
  cancelJob(jobId: JobId, message: string, facts: Readonly<Record<string, FactValue>>): boolean;
  /**
   * Runs a job that waits for somebody to ask for it, with those that it needs, and records who asked.
   *
   * @param message - What is recorded, with the facts.
   * @returns False, and nothing is recorded, when the job does not wait for that.
   */
  playJob(jobId: JobId, message: string, facts: Readonly<Record<string, FactValue>>): boolean;
  /**
   * Lets a job go on that is held after a step that failed, and records who asked.
   *
   * @param how - With that step once more, or to its end.
   * @param note - What is recorded.
   * @returns False, and nothing is recorded, when the job is not held.
   */
  resumeJob(jobId: JobId, how: ResumeHow, note: RequestNote): boolean;
  /**
   * Holds jobs from now on after a step that failed, and records who asked.
   *
   * @param timeoutMs - How long; it fails then. Milliseconds, above 0.
   * @param note - What is recorded.
   * @returns False, and nothing is recorded, while the run is not under way or is being stopped.
   */
  pauseOnFailure(timeoutMs: number, note: RequestNote): boolean;
  /**
   * What starts a shell in the place of a job that is held after a step that failed, and records who asked.
   *
   * @param note - What is recorded.
   * @returns `undefined`, and nothing is recorded, when the job is not held or its provider has no way to.
   */
  shellFor(
    jobId: JobId,
    options: ShellOptions,
    note: RequestNote,
  ): Promise<Result<JobShell, EventError> | undefined>;
}

/** What is recorded of a request. */
export interface RequestNote {
  readonly message: string;
  readonly facts: Readonly<Record<string, FactValue>>;
}

/** Starts a run. Its first records are with the sinks when this returns. */
export function startRun(options: RunOptions): RunHandle {
  const loop = new RunLoop(options);
  loop.start();
  return {
    finished: loop.finished,
    stop: (cause) => loop.stop(cause),
    kill: () => loop.kill(),
    note: (message, facts) => loop.note(message, facts),
    cancelJob: (jobId, message, facts) => loop.cancelJob(jobId, message, facts),
    playJob: (jobId, message, facts) => loop.playJob(jobId, message, facts),
    resumeJob: (jobId, how, note) => loop.resumeJob(jobId, how, note),
    pauseOnFailure: (timeoutMs, note) => loop.pauseOnFailure(timeoutMs, note),
    shellFor: async (jobId, options, note) => await loop.shellFor(jobId, options, note),
  };
}

/** The only loop: gives the machine what happened, records what it emits, carries out what it commands. */
class RunLoop {
  readonly finished: Promise<RunResult>;
  readonly #options: RunOptions;
  readonly #machine: RunMachine;
  readonly #records: RecordStream;
  readonly #runners = new Map<JobId, JobRunner>();
  readonly #stopBootstrap = new AbortController();
  readonly #resolve: (result: RunResult) => void;
  readonly #reject: (error: unknown) => void;
  #prepared: PreparedRun | undefined;
  #stopping = false;
  #killing = false;

  constructor(options: RunOptions) {
    const { identity, schedule, clock, sinks, resumed } = options;
    this.#options = options;
    this.#machine = resumed?.machine ?? new RunMachine({ identity, schedule });
    this.#records = new RecordStream(clock, sinks, resumed?.lastSeq);
    this.#prepared = resumed?.prepared;
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
    this.finished = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    if (this.#options.resumed === undefined)
      return this.#take({ type: "run_started", atMs: this.#options.clock.now() });
    return this.#records.batch(() => this.#goOn());
  }

  /** What was under way is lost with the process that carried it out, but for steps that go on elsewhere; what can start does. */
  #goOn(): void {
    const under = this.#machine.jobIds().flatMap((jobId) => {
      const state = this.#machine.jobState(jobId);
      return state?.status === "running" ? [{ jobId, attempt: state.attempt }] : [];
    });
    const message = "The run goes on: the process that carried it out had ended before it did";
    const atMs = this.#records.log({ kind: "run" }, "warn", message, { resumed: true });
    this.#take({ type: "run_resumed", atMs });
    for (const { jobId, attempt } of under) if (!this.#carryOn(jobId, attempt)) this.#lose(jobId, attempt);
  }

  /** Returns whether the step that a job is in the middle of goes on. */
  #carryOn(jobId: JobId, attempt: number): boolean {
    const job = this.#options.resumed?.carriedOn?.get(jobId);
    const commands = this.#machine.carryOn(jobId, this.#options.clock.now());
    if (commands === undefined || job?.attempt !== attempt) return false;
    const { message, facts } = job.note;
    this.#records.log({ kind: "run" }, "info", message, facts);
    this.#newRunner(jobId).carryOn(job);
    for (const command of commands) this.#perform(command);
    return true;
  }

  /** Nothing is carried out for an attempt that was lost: each thing that it would be is answered here. */
  #lose(jobId: JobId, attempt: number): void {
    const error: EventError = {
      code: "worker_lost",
      message: "The process that carried the run out had ended",
    };
    for (;;) {
      const state = this.#machine.jobState(jobId);
      if (state?.status !== "running" || state.attempt !== attempt) return;
      const atMs = isPaused(state)
        ? this.#records.log({ kind: "run" }, "warn", `Job "${jobId}" is not held any more, so it fails`, {
            resume_job: jobId,
            how: "continue",
          })
        : this.#options.clock.now();
      const report = lostReport(state, jobId, { error, atMs });
      if (report === undefined) return;
      this.#take(report, (command) => !isOfAttempt(command, jobId, attempt));
    }
  }

  /** A sink may ask for it in the middle of a record: then what is under way is recorded and carried out first. */
  stop(cause: StopRequestCause): void {
    this.#records.defer(() => this.#stop(cause));
  }

  #stop(cause: StopRequestCause): void {
    const { stage } = this.#machine;
    if (this.#stopping || (stage !== "bootstrapping" && stage !== "executing")) return;
    this.#stopping = true;
    const { level, message, stop } =
      cause.kind === "signal"
        ? ({ level: "warn", message: `The run is stopped by ${cause.signal}`, stop: { ...cause } } as const)
        : ({
            level: "error",
            message: `The run is stopped: ${cause.error.message}`,
            stop: { ...cause, error: { ...cause.error } },
          } as const);
    this.#records.batch(() => {
      const atMs = this.#records.log({ kind: "run" }, level, message, { stop });
      this.#stopBootstrap.abort();
      this.#take({ type: "stop_requested", cause, atMs });
    });
  }

  kill(): void {
    this.#killing = true;
    for (const runner of this.#runners.values()) runner.kill();
  }

  note(message: string, facts: Readonly<Record<string, FactValue>>): boolean {
    const { stage } = this.#machine;
    if (stage !== "bootstrapping" && stage !== "executing") return false;
    this.#records.defer(() => {
      this.#records.log({ kind: "run" }, "info", message, facts);
      this.#records.flush();
    });
    return true;
  }

  cancelJob(jobId: JobId, message: string, facts: Readonly<Record<string, FactValue>>): boolean {
    if (!this.#canCancel(jobId)) return false;
    this.#records.defer(() => {
      if (!this.#canCancel(jobId)) return;
      // In one piece: what a sink asks for when it hears of this has to come after it.
      this.#records.batch(() => {
        const atMs = this.#records.log({ kind: "run" }, "warn", message, { ...facts, cancel_job: jobId });
        this.#take({ type: "job_stop_requested", jobId, atMs });
      });
    });
    return true;
  }

  playJob(jobId: JobId, message: string, facts: Readonly<Record<string, FactValue>>): boolean {
    if (!this.#machine.canPlay(jobId)) return false;
    this.#records.defer(() => {
      if (!this.#machine.canPlay(jobId)) return;
      this.#records.batch(() => {
        const atMs = this.#records.log({ kind: "run" }, "info", message, { ...facts, play: jobId });
        this.#take({ type: "job_played", jobId, atMs });
      });
    });
    return true;
  }

  resumeJob(jobId: JobId, how: ResumeHow, { message, facts }: RequestNote): boolean {
    if (!this.#isPaused(jobId)) return false;
    this.#records.defer(() => {
      if (!this.#isPaused(jobId)) return;
      this.#records.batch(() => {
        const atMs = this.#records.log({ kind: "run" }, "info", message, {
          ...facts,
          resume_job: jobId,
          how,
        });
        this.#take({ type: "job_resumed", jobId, how, atMs });
      });
    });
    return true;
  }

  pauseOnFailure(timeoutMs: number, { message, facts }: RequestNote): boolean {
    if (!this.#machine.canEnablePauses()) return false;
    this.#records.defer(() => {
      if (!this.#machine.canEnablePauses()) return;
      this.#records.batch(() => {
        const more = { ...facts, pause_on_failure: timeoutMs };
        const atMs = this.#records.log({ kind: "run" }, "info", message, more);
        this.#take({ type: "pauses_enabled", timeoutMs, atMs });
      });
    });
    return true;
  }

  async shellFor(
    jobId: JobId,
    options: ShellOptions,
    { message, facts }: RequestNote,
  ): Promise<Result<JobShell, EventError> | undefined> {
    const state = this.#machine.jobState(jobId);
    if (state === undefined || !isPaused(state)) return undefined;
    const shell = await this.#runners.get(jobId)?.shell(state.paused.step, options);
    if (shell !== undefined) this.note(message, { ...facts, shell: jobId });
    return shell;
  }

  #isPaused(jobId: JobId): boolean {
    const state = this.#machine.jobState(jobId);
    return state !== undefined && isPaused(state);
  }

  #canCancel(jobId: JobId): boolean {
    const state = this.#machine.jobState(jobId);
    if (state?.status !== "running" || state.phase === "job.cleanup") return false;
    return isPaused(state) || state.stop === undefined;
  }

  #take(input: RunInput, isCarriedOut: (command: RunCommand) => boolean = () => true): void {
    this.#records.batch(() => {
      const step = this.#machine.step(input);
      if (!step.ok) throw new Error(step.error.message);
      if (this.#machine.stage === "finished") this.#records.seal();
      this.#records.emit(step.value.emissions, input.atMs);
      for (const command of step.value.commands) if (isCarriedOut(command)) this.#perform(command);
      if (this.#machine.stage === "finished") this.#resolve(this.#machine.result());
    });
  }

  #perform(command: RunCommand): void {
    this.#carryOut(command).catch((error: unknown) => {
      this.kill();
      this.#reject(error);
    });
  }

  async #carryOut(command: RunCommand): Promise<void> {
    switch (command.type) {
      case "bootstrap":
        return await this.#bootstrap();
      case "finalize":
        return await this.#finalize();
      case "start_timer":
      case "stop_timer":
      case "pause_job":
      case "end_pause":
      case "start_job":
      case "run_phase":
      case "run_step":
      case "clean_up_job":
      case "cancel_step":
      case "cancel_job":
        return await this.#performForJob(command);
      default:
        return unreachable(command);
    }
  }

  async #bootstrap(): Promise<void> {
    const { host, clock } = this.#options;
    const answer: Result<PreparedRun, BootstrapFailure> = await host.bootstrap(
      { log: (level, message, facts) => void this.#records.log({ kind: "run" }, level, message, facts) },
      this.#stopBootstrap.signal,
    );
    // Stryker disable next-line ConditionalExpression: what failed has no value.
    if (answer.ok) this.#prepared = answer.value;
    const outcome = answer.ok
      ? { status: "success" as const, plan: answer.value.plan }
      : { status: "failed" as const, ...answer.error };
    this.#take({ type: "bootstrap_finished", outcome, atMs: clock.now() });
  }

  async #finalize(): Promise<void> {
    const { host, clock } = this.#options;
    const answer = await host.finalize(this.#machine.result());
    const outcome = answer.ok
      ? { status: "success" as const }
      : { status: "failed" as const, error: answer.error };
    this.#take({ type: "finalized", outcome, atMs: answer.ok ? answer.value : clock.now() });
  }

  async #performForJob(command: JobCommand): Promise<void> {
    const { jobId } = command;
    const runner = this.#runners.get(jobId) ?? this.#newRunner(jobId);
    await runner.perform(command);
  }

  #newRunner(jobId: JobId): JobRunner {
    const { clock, graceMs = TERMINATION_GRACE_MS } = this.#options;
    const run = this.#prepared;
    // Stryker disable next-line ConditionalExpression, CallExpression, StringLiteral: a machine starts no job before that.
    if (run === undefined) throw new Error(`Job "${jobId}" starts before the bootstrap has ended`);
    const events = jobEvents(this.#records, (input) => this.#takeJobReport(input));
    const runner = new JobRunner(jobId, { run, events, clock, graceMs });
    this.#runners.set(jobId, runner);
    return runner;
  }

  #takeJobReport(input: JobReport): void {
    this.#take(input);
    // Stryker disable next-line OptionalChaining: a job that reports is one of the plan.
    if (this.#machine.jobState(input.jobId)?.status === "settled") this.#runners.delete(input.jobId);
    if (this.#killing) this.#runners.get(input.jobId)?.kill();
  }
}

/** Whether a command is for this attempt at a job, or for what follows its last one. */
function isOfAttempt(command: RunCommand, jobId: JobId, attempt: number): boolean {
  if (!("jobId" in command) || command.jobId !== jobId) return false;
  return !("attempt" in command) || command.attempt === attempt;
}
