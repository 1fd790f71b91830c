import {
  nodeSteps,
  unreachable,
  type EventError,
  type GraphStep,
  type JobCommand,
  type JobId,
  type JobReport,
  type OutputStream,
  type PhaseOutcome,
  type ProcessEnd,
  type Result,
  type SectionName,
  type StreamRef,
  type SystemPhaseCode,
} from "@loom/core";
import type {
  Clock,
  JobShell,
  JobSpec,
  JobProvider,
  ProviderSession,
  SectionContext,
  Sections,
  ShellOptions,
  StepSpec,
  StopRequest,
} from "@loom/ports";
import { AfterTold, type ToldOutput } from "./after-told.ts";
import { OutputLines } from "./output-lines.ts";
import type { JobHost } from "./job-host.ts";

/** How long a provider may take to return once it was told to kill, or the grace period is over. Milliseconds. */
const ANSWER_WITHIN_MS = 60_000;

/** Milliseconds between SIGTERM and SIGKILL for a step that has had the whole grace already. */
const LATE_GRACE_MS = 1_000;

/** A step under way that another process has begun. */
export interface CarriedOnStep {
  /** At its job; from 1. */
  readonly attempt: number;
  /** Its `run` gives the step under way, from its first byte on. */
  readonly session: ProviderSession;
  /** What of the output of that step is recorded already. */
  readonly told: ToldOutput;
}

/**
 * Carries out the commands of one job, one after the other, and reports what came of each.
 *
 * It decides nothing: which command comes next is the machine's answer to a report.
 */
export class JobRunner {
  readonly #jobId: JobId;
  readonly #host: JobHost;
  readonly #sections: Sections;
  #attempt: Attempt | undefined;
  /** The attempt that was asked to stop, which may not have begun yet. */
  #stopped: number | undefined;
  readonly #stopTimers = new Map<"attempt" | "step" | "pause", () => void>();
  #isKilled = false;
  /** The step that is under way. */
  #step: number | undefined;
  /** What is recorded already of the output of the step that comes next. */
  #told: ToldOutput | undefined;

  constructor(jobId: JobId, host: JobHost) {
    this.#jobId = jobId;
    this.#host = host;
    this.#sections = { run: (section, work) => this.#runSection(section, work) };
  }

  /** Carries out one command. Resolves after the report; rejects only on a bug. */
  async perform(command: JobCommand): Promise<void> {
    switch (command.type) {
      case "start_job":
        return await this.#prepare(command.attempt);
      case "run_phase":
        return await this.#runPhase(command);
      case "run_step":
        return await this.#runStep(command);
      case "clean_up_job":
        return await this.#cleanUp();
      case "start_timer":
        return await this.#startTimer(command);
      case "pause_job":
        return await this.#pause(command);
      case "end_pause":
        this.#stopTimers.get("pause")?.();
        return;
      case "stop_timer":
        this.#stopTimers.get(timerOf(command))?.();
        return;
      case "cancel_step":
        if (this.#attempt?.number !== command.attempt || this.#step !== command.step) return;
        this.#noteStop("timeout", `Step ${command.step} of job`);
        this.#attempt.stopStep();
        return;
      case "cancel_job":
        this.#stopped = command.attempt;
        if (this.#attempt?.number !== command.attempt) return;
        this.#noteStop(command.cause);
        this.#attempt.stop();
        return;
      default:
        return unreachable(command);
    }
  }

  /** Takes over a job in the middle of a step. Its command comes next. */
  carryOn({ attempt: number, session, told }: CarriedOnStep): void {
    this.#begin(number).session = session;
    this.#told = told;
  }

  /** What starts a shell where a step of this job would run; `undefined` where its provider has no way to. */
  async shell(step: number, options: ShellOptions): Promise<Result<JobShell, EventError> | undefined> {
    const { session, spec } = this.#attempt ?? {};
    const found = spec && nodeSteps(spec.node)[step - 1];
    if (session?.shell === undefined || spec === undefined || found === undefined) return undefined;
    return await session.shell(stepSpec(spec, step, found), options);
  }

  /** Ends what runs for this job without grace. */
  kill(): void {
    this.#isKilled = true;
    this.#attempt?.kill();
  }

  /** Resolves when the timer has fired and that was reported, or when it was stopped. */
  async #startTimer(command: JobCommand & { readonly type: "start_timer" }): Promise<void> {
    const { clock, events } = this.#host;
    const jobId = this.#jobId;
    const { attempt, step, afterMs } = command;
    const reached = (): JobReport =>
      step === undefined
        ? { type: "job_timed_out", jobId, attempt, atMs: clock.now() }
        : { type: "step_timed_out", jobId, attempt, step, atMs: clock.now() };
    await this.#after(timerOf(command), afterMs, () => events.report(reached()));
  }

  /** Says that the job waits for somebody. Resolves when nobody came in time and the job goes on, or when somebody did. */
  async #pause({ attempt, step, timeoutMs }: JobCommand & { readonly type: "pause_job" }): Promise<void> {
    const { events } = this.#host;
    const jobId = this.#jobId;
    const run = { kind: "run" } as const;
    const held = `Job "${jobId}" is held after step ${step}, which failed: it waits for an answer`;
    events.log(run, "warn", held, {
      job_paused: jobId,
      step,
      ...(attempt > 1 && { attempt }),
      timeout_ms: timeoutMs,
    });
    events.flush();
    await this.#after("pause", timeoutMs, () =>
      events.batch(() => {
        const message = `Nobody said how job "${jobId}" goes on, so it fails`;
        const facts = { resume_job: jobId, how: "continue", timeout_ms: timeoutMs } as const;
        const atMs = events.log(run, "warn", message, facts);
        events.report({ type: "job_resumed", jobId, how: "continue", atMs });
      }),
    );
  }

  /** Resolves when a timer has fired and its work was done, or when it was stopped. */
  async #after(timer: "attempt" | "step" | "pause", afterMs: number, work: () => void): Promise<void> {
    const { clock } = this.#host;
    await new Promise<void>((resolve, reject) => {
      const cancel = clock.after(afterMs, () => {
        try {
          work();
          resolve();
        } catch (error) {
          reject(error as Error);
        }
      });
      this.#stopTimers.set(timer, () => {
        cancel();
        resolve();
      });
    });
  }

  async #prepare(number: number): Promise<void> {
    await this.#closeEarlierAttempt();
    const attempt = this.#begin(number);
    const { provider, spec } = attempt;
    const prepared = await attempt.ask("prepare it", () =>
      provider.prepare(spec, this.#sections, attempt.stopRequest),
    );
    // Stryker disable next-line ConditionalExpression: what failed has no value.
    if (prepared.ok) attempt.session = prepared.value;
    this.#reportPhase(
      "job.provider_prepare",
      prepared.ok ? { status: "success" } : { status: "failed", error: prepared.error },
    );
  }

  #begin(number: number): Attempt {
    const { provider, spec } = this.#host.run.jobFor(this.#jobId, number);
    const { clock, graceMs } = this.#host;
    const attempt = new Attempt(number, { provider, spec, clock, graceMs });
    this.#attempt = attempt;
    if (this.#stopped === number) attempt.stop();
    if (this.#isKilled) attempt.kill();
    return attempt;
  }

  async #closeEarlierAttempt(): Promise<void> {
    const { events } = this.#host;
    const log: SectionContext["log"] = (level, message, facts) =>
      void events.log({ kind: "run" }, level, message, { job_id: this.#jobId, ...facts });
    // No section is open between two attempts, so there is no stream for lines: they are counted.
    let leftOutBytes = 0;
    const write = (_stream: OutputStream, chunk: Uint8Array): undefined => {
      leftOutBytes += chunk.length;
    };
    await this.#attempt?.close({ log, output: { write } });
    if (leftOutBytes > 0) {
      log("warn", "What an earlier attempt left running printed more, which is left out", {
        bytes: leftOutBytes,
      });
    }
  }

  async #runPhase({ phase, verdict }: JobCommand & { readonly type: "run_phase" }): Promise<void> {
    const attempt = this.#currentAttempt();
    const { spec, session, stopRequest: stop } = attempt;
    const { run } = this.#host;
    if (run.runPhase === undefined) throw new Error(`Nothing carries out ${phase} of job "${this.#jobId}"`);
    const outcome = await run.runPhase({
      phase,
      ...(verdict !== undefined && { verdict }),
      spec,
      ...(session?.copy !== undefined && { copy: session.copy }),
      sections: this.#sections,
      stop,
    });
    this.#reportPhase(phase, outcome);
  }

  async #runStep({
    step,
    verdict,
    attempt: number,
  }: JobCommand & { readonly type: "run_step" }): Promise<void> {
    const { events, clock } = this.#host;
    const attempt = this.#currentAttempt();
    // One that begins at a step goes on with what the one before it has.
    attempt.number = number;
    const { session, spec } = attempt;
    const { script, part, options } = nodeSteps(spec.node)[step - 1] ?? {};
    if (session === undefined || script === undefined)
      throw new Error(`Job "${this.#jobId}" has no step ${step} to run`);
    const late = part === "after" ? attempt.lateStopRequest() : undefined;
    const all = late?.stop ?? attempt.stopRequest;
    const stop = options?.timeout_ms === undefined ? all : attempt.limited(all);
    const output = new OutputLines(events, clock, { kind: "step", jobId: this.#jobId, step });
    const told = this.#told;
    this.#told = undefined;
    const sink = told === undefined ? output : new AfterTold(output, told);
    this.#step = step;
    const own: StepSpec = {
      ...stepSpec(spec, step, { script, options }),
      ...(verdict !== undefined && { jobStatus: verdict }),
    };
    const end = await attempt
      .ask(`run step ${step}`, () => session.run(own, sink, stop), stop)
      .finally(() => late?.end());
    this.#step = undefined;
    if (end.kind === "exited" && !isExitCode(end.exitCode)) {
      const what = `step ${step} ended with exit code ${end.exitCode}, not a whole number from 0 to 255`;
      throw new Error(`Provider "${attempt.provider.name}" of job "${this.#jobId}" says that ${what}`);
    }
    output.close();
    if (part === "after") this.#noteFailure(step, end);
    events.report({ type: "step_finished", jobId: this.#jobId, step, end, atMs: clock.now() });
  }

  /** Records the moment from which on the output of the step under way tells of its end, and no longer of its work. */
  #noteStop(cause: StopReason, what = "Job"): void {
    if (this.#step === undefined) return;
    const why = WHY_STOPPED[cause];
    this.#host.events.log({ kind: "run" }, "info", `${what} "${this.#jobId}" was asked to end: ${why}`, {
      asked_to_end: cause,
      job_id: this.#jobId,
      step: this.#step,
    });
  }

  /** A step of `after_script` that fails changes no result, so nothing else would tell of it. A lost worker does change it. */
  #noteFailure(step: number, end: ProcessEnd): void {
    if (end.kind === "lost" || (end.kind === "exited" && end.exitCode === 0)) return;
    const how =
      end.kind === "exited"
        ? `ended with exit code ${end.exitCode}`
        : end.kind === "signaled"
          ? `was ended by ${end.signal}`
          : `was not started: ${end.error.message}`;
    const message = `Job "${this.#jobId}": step ${step}, of after_script, ${how}; that does not change the result`;
    this.#host.events.log({ kind: "run" }, "warn", message, { job_id: this.#jobId, step });
  }

  async #cleanUp(): Promise<void> {
    const attempt = this.#currentAttempt();
    const outcome = await this.#runSection("cleanup", (section) => attempt.close(section));
    this.#reportPhase("job.cleanup", outcome);
  }

  async #runSection<T extends PhaseOutcome>(
    section: SectionName,
    work: (context: SectionContext) => Promise<T>,
  ): Promise<T> {
    const { events, clock } = this.#host;
    const jobId = this.#jobId;
    const stream: StreamRef = { kind: "section", jobId, section };
    events.report({ type: "section_started", jobId, section, atMs: clock.now() });
    const output = new OutputLines(events, clock, stream);
    const finish = (outcome: PhaseOutcome): void => {
      output.close();
      events.report({ type: "section_finished", jobId, section, outcome, atMs: clock.now() });
    };
    try {
      const outcome = await work({
        output,
        log: (level, message, facts) => void events.log(stream, level, message, facts),
      });
      finish(outcome);
      return outcome;
    } catch (error) {
      finish({ status: "failed", error: { code: "internal", message: String(error) } });
      throw error;
    }
  }

  #reportPhase(phase: SystemPhaseCode, outcome: PhaseOutcome): void {
    const { events, clock } = this.#host;
    events.report({ type: "phase_finished", jobId: this.#jobId, phase, outcome, atMs: clock.now() });
  }

  #currentAttempt(): Attempt {
    if (this.#attempt === undefined) throw new Error(`Job "${this.#jobId}" was not started`);
    return this.#attempt;
  }
}

/** One step as a provider runs it, whatever came of the steps before. */
function stepSpec(
  { stepEnv }: JobSpec,
  step: number,
  { script, options }: { readonly script: string; readonly options?: GraphStep | undefined },
): StepSpec {
  const { dir, shell } = options ?? {};
  const env = stepEnv?.get(step);
  return {
    step,
    script,
    ...(dir !== undefined && { dir }),
    ...(shell !== undefined && { shell }),
    ...(env !== undefined && { env }),
  };
}

/** Which of the two timers of a job a command is about. */
function timerOf({ step }: { readonly step?: number }): "attempt" | "step" {
  return step === undefined ? "attempt" : "step";
}

/** Why a job was asked to stop. */
type StopReason = (JobCommand & { readonly type: "cancel_job" })["cause"];

const WHY_STOPPED: Readonly<Record<StopReason, string>> = {
  timeout: "it has reached its limit of time",
  request: "somebody asked for that",
  cancel: "the run is being stopped",
};

/** Exit codes are one byte. */
function isExitCode(code: number): boolean {
  return Number.isInteger(code) && code >= 0 && code <= 255;
}

/** One attempt at a job: its session, and the way to stop it. */
class Attempt {
  /** From 1. */
  number: number;
  readonly provider: JobProvider;
  readonly spec: JobSpec;
  readonly stopRequest: StopRequest;
  session: ProviderSession | undefined;
  readonly #clock: Clock;
  readonly #terminate = new AbortController();
  readonly #kill = new AbortController();
  /** Stops the step under way alone. */
  #limit = new AbortController();

  constructor(
    number: number,
    {
      provider,
      spec,
      clock,
      graceMs,
    }: {
      readonly provider: JobProvider;
      readonly spec: JobSpec;
      readonly clock: Clock;
      readonly graceMs: number;
    },
  ) {
    this.number = number;
    this.#clock = clock;
    this.provider = provider;
    this.spec = spec;
    this.stopRequest = { terminate: this.#terminate.signal, kill: this.#kill.signal, graceMs };
  }

  stop(): void {
    this.#terminate.abort();
  }

  kill(): void {
    this.#kill.abort();
  }

  /** Stops the step under way, which has a limit of its own. */
  stopStep(): void {
    this.#limit.abort();
  }

  /** What stops a step that has a limit of its own: that, or what stops it anyway. */
  limited(stop: StopRequest): StopRequest {
    this.#limit = new AbortController();
    return { ...stop, terminate: AbortSignal.any([stop.terminate, this.#limit.signal]) };
  }

  /**
   * What stops a step of `after_script`: the end of the grace, once the attempt was asked to stop.
   *
   * @returns `end`: to be called when the step is over, as nothing waits for the grace any more.
   */
  lateStopRequest(): { readonly stop: StopRequest; readonly end: () => void } {
    const late = new AbortController();
    const { terminate, kill, graceMs } = this.stopRequest;
    let cancel = (): void => undefined;
    const start = (): void => {
      cancel = this.#clock.after(graceMs, () => late.abort());
    };
    if (terminate.aborted) start();
    else terminate.addEventListener("abort", start, { once: true });
    const end = (): void => {
      terminate.removeEventListener("abort", start);
      cancel();
    };
    return { stop: { terminate: late.signal, kill, graceMs: Math.min(graceMs, LATE_GRACE_MS) }, end };
  }

  /**
   * Has the provider do something.
   *
   * @throws An error that says who failed at what, with the provider's own as its `cause`. So does a provider that
   *   was asked to stop and is still at it a minute after the grace: a run must not wait for it for ever.
   */
  async ask<T>(what: string, work: () => Promise<T>, stop: StopRequest = this.stopRequest): Promise<T> {
    const watch = this.#watch(stop);
    try {
      return await Promise.race([work(), watch.overdue]);
    } catch (cause) {
      const { provider, spec } = this;
      throw new Error(`Provider "${provider.name}" of job "${spec.jobId}" failed to ${what}`, { cause });
    } finally {
      watch.end();
    }
  }

  /** Rejects once the provider has had its time to stop, counted from each request to. */
  #watch({ terminate, kill, graceMs }: StopRequest): {
    readonly overdue: Promise<never>;
    readonly end: () => void;
  } {
    const ends: (() => void)[] = [];
    const overdue = new Promise<never>((_resolve, reject) => {
      const from = (signal: AbortSignal, ms: number): void => {
        const start = (): void => {
          const message = `it did not return within ${ms / 1000} s of being told to ${signal === kill ? "kill" : "stop"} it`;
          ends.push(this.#clock.after(ms, () => reject(new Error(message))));
        };
        if (signal.aborted) return start();
        signal.addEventListener("abort", start);
        ends.push(() => signal.removeEventListener("abort", start));
      };
      from(terminate, graceMs + ANSWER_WITHIN_MS);
      from(kill, ANSWER_WITHIN_MS);
    });
    return { overdue, end: () => ends.forEach((end) => end()) };
  }

  async close(section: SectionContext): Promise<PhaseOutcome> {
    const { session } = this;
    this.session = undefined;
    if (session === undefined) return { status: "success" };
    const closed = await this.ask("close it", () => session.close(section));
    return closed.ok ? { status: "success" } : { status: "failed", error: closed.error };
  }
}
