import {
  err,
  ok,
  type EventError,
  type FactValue,
  type OptionalPhaseCode,
  type PhaseOutcome,
  type Result,
  type SectionName,
  decidingSteps,
} from "@loom/core";
import type {
  JobProvider,
  JobSpec,
  OutputSink,
  PhaseRequest,
  ProcessEnd,
  ProviderSession,
  SectionLog,
  Sections,
  StepSpec,
  StopRequest,
} from "@loom/ports";
import type { Random } from "../random.ts";
import {
  attemptBehaviour,
  sectionBehaviour,
  type AttemptBehaviour,
  type SectionBehaviour,
} from "../world/attempt-behaviour.ts";
import { processBehaviour, WORKER_LOST, type TimedChunk } from "../world/process-behaviour.ts";
import type { World } from "../world/world.ts";
import type { Activity, PrintedOutput, StepWitness } from "./activity.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { playProcess } from "./virtual-process.ts";

/** Runs jobs with randomly drawn behaviour, and remembers what really happened. */
export class VirtualProvider implements JobProvider {
  readonly name = "virtual";
  readonly #world: World;
  readonly #clock: VirtualClock;
  readonly #active = new Set<Activity>();
  readonly #steps: StepWitness[] = [];
  readonly #printed = new Map<string, PrintedOutput>();
  readonly #sessions: { readonly job: string; closed: number }[] = [];
  readonly #misuses: string[] = [];
  #bugs = 0;

  constructor(world: World, clock: VirtualClock) {
    this.#world = world;
    this.#clock = clock;
  }

  /** What is running at this moment. */
  get active(): ReadonlySet<Activity> {
    return this.#active;
  }

  /** Every ended step, in order. */
  get steps(): readonly StepWitness[] {
    return this.#steps;
  }

  /** Everything that was printed. */
  get printed(): readonly PrintedOutput[] {
    return [...this.#printed.values()];
  }

  /** What no correct engine does: two steps of a job at once, a session closed twice. */
  get misuses(): readonly string[] {
    return this.#misuses;
  }

  /** The sessions that were never closed. */
  get unclosed(): readonly string[] {
    return this.#sessions.filter(({ closed }) => closed === 0).map(({ job }) => job);
  }

  /** How many times it threw an injected bug. */
  get bugs(): number {
    return this.#bugs;
  }

  async prepare(
    job: JobSpec,
    sections: Sections,
    stop: StopRequest,
  ): Promise<Result<ProviderSession, EventError>> {
    const dice = this.#diceOf(job);
    const behaviour = attemptBehaviour(dice.fork("attempt"), this.#losing(job));
    const activity = this.#begin(job, "prepare", { stop, attemptStartedAtMs: this.#clock.elapsedMs });
    try {
      if (behaviour.prepareRejects) throw this.#bug("prepare");
      for (const section of behaviour.setUp) {
        const outcome = await this.#runSection(job, section, {
          sections,
          ...(behaviour.obeysStop && { stop }),
        });
        if (outcome.status === "failed") return err(outcome.error);
        if (outcome.status === "cancelled")
          return err({ code: "cancelled", message: "The run is being stopped" });
      }
    } finally {
      this.#active.delete(activity);
    }
    return ok(this.#session(job, { dice, behaviour, attemptStartedAtMs: activity.attemptStartedAtMs }));
  }

  /** Runs an optional phase, whose section is drawn like any other. */
  async runPhase(request: PhaseRequest): Promise<PhaseOutcome> {
    const { spec, phase, sections, stop } = request;
    const dice = this.#diceOf(spec).fork(phase);
    const activity = this.#begin(spec, "phase", { stop, attemptStartedAtMs: Number.NaN });
    try {
      return await this.#runSection(
        spec,
        sectionBehaviour(dice, SECTION_OF_PHASE[phase], { failing: 0.1, losing: this.#losing(spec) }),
        {
          sections,
          stop,
        },
      );
    } finally {
      this.#active.delete(activity);
    }
  }

  #session(
    first: JobSpec,
    made: {
      readonly dice: Random;
      readonly behaviour: AttemptBehaviour;
      readonly attemptStartedAtMs: number;
    },
  ): ProviderSession {
    let job = first;
    let { attemptStartedAtMs, dice } = made;
    let latest = 0;
    const session = { job: `${job.jobId} ${job.attempt}`, closed: 0 };
    let isLost = false;
    this.#sessions.push(session);
    let running = 0;
    return {
      run: async (step, output, stop) => {
        // A step once more is a new attempt that begins there.
        if (step.step <= latest) {
          job = { ...job, attempt: job.attempt + 1 };
          attemptStartedAtMs = this.#clock.elapsedMs;
          dice = made.dice.fork(`attempt ${job.attempt}`);
        }
        latest = step.step;
        if (session.closed > 0 || running > 0)
          this.#misuses.push(`step ${step.step} of ${session.job} is not alone`);
        const isLate = step.step > decidingSteps(job.node);
        const activity = isLate
          ? this.#begin(job, "late", {
              stop,
              attemptStartedAtMs: Number.NaN,
              step: step.step,
              beganAtMs: this.#clock.elapsedMs,
            })
          : this.#begin(job, "step", {
              stop,
              attemptStartedAtMs,
              step: step.step,
              beganAtMs: this.#clock.elapsedMs,
            });
        running += 1;
        try {
          if (isLost) return this.#runNothing(job, step, stop);
          const end = await this.#runStep(job, step, { output, stop, dice });
          isLost = end.kind === "lost";
          return end;
        } finally {
          running -= 1;
          this.#active.delete(activity);
        }
      },
      close: async (log) => {
        session.closed += 1;
        if (session.closed > 1 || running > 0)
          this.#misuses.push(`${session.job} is closed twice or while it runs`);
        const closed = await this.#close(job, made.behaviour, log);
        return isLost ? err(WORKER_LOST) : closed;
      },
    };
  }

  async #runStep(
    job: JobSpec,
    step: StepSpec,
    on: { readonly output: OutputSink; readonly stop: StopRequest; readonly dice: Random },
  ): Promise<ProcessEnd> {
    const behaviour = processBehaviour(on.dice.fork(`step ${step.step}`), this.#losing(job));
    const printed = this.#printedBy(job, { step: step.step, attempt: job.attempt });
    const ended = await playProcess(behaviour, {
      clock: this.#clock,
      stop: on.stop,
      // One that follows the others has had the grace by then.
      expectedGraceMs:
        step.step > decidingSteps(job.node) ? Math.min(this.#world.graceMs, 1_000) : this.#world.graceMs,
      print: (chunk) => this.#print(on.output, printed, chunk),
    });
    endOutput(printed);
    if (behaviour.outputAfterResult !== undefined) {
      const { afterMs, stream, bytes } = behaviour.outputAfterResult;
      this.#clock.after(afterMs, () => void on.output.write(stream, bytes));
    }
    this.#steps.push({
      jobId: job.jobId,
      attempt: job.attempt,
      step: step.step,
      end: ended.end,
      wasStopped: on.stop.terminate.aborted,
      ...(ended.complaint !== undefined && { complaint: ended.complaint }),
    });
    if (behaviour.rejects) throw this.#bug("run");
    return ended.end;
  }

  /** Whatever is asked of a worker that is lost is lost, too. */
  #runNothing({ jobId, attempt }: JobSpec, { step }: StepSpec, { terminate }: StopRequest): ProcessEnd {
    const end: ProcessEnd = { kind: "lost", error: WORKER_LOST };
    this.#steps.push({ jobId, attempt, step, end, wasStopped: terminate.aborted });
    return end;
  }

  async #close(
    job: JobSpec,
    behaviour: AttemptBehaviour,
    log: SectionLog,
  ): Promise<Result<void, EventError>> {
    const activity = this.#begin(job, "close", { attemptStartedAtMs: Number.NaN });
    try {
      await this.#clock.sleep(behaviour.closeTakesMs);
      if (behaviour.closeRejects) throw this.#bug("close");
      if (behaviour.leavesProcesses)
        log.log("warn", "The job left processes running, now ended", { processes: [{ pid: 7 }] });
      return behaviour.closeError === undefined ? ok(undefined) : err(behaviour.closeError);
    } finally {
      this.#active.delete(activity);
    }
  }

  async #runSection(
    job: JobSpec,
    behaviour: SectionBehaviour,
    on: { readonly sections: Sections; readonly stop?: StopRequest },
  ): Promise<PhaseOutcome> {
    return await on.sections.run(behaviour.section, async (context): Promise<PhaseOutcome> => {
      context.log("info", "Section is running", factsOf(behaviour.section, this.name));
      const printed = this.#printedBy(job, { section: behaviour.section });
      for (const chunk of behaviour.chunks) {
        await this.#clock.sleep(chunk.afterMs);
        await this.#print(context.output, printed, chunk);
      }
      const stopped = await this.#waitUnlessStopped(behaviour.takesMs, on.stop);
      endOutput(printed);
      if (behaviour.throws) throw this.#bug("section");
      return stopped ? { status: "cancelled" } : behaviour.outcome;
    });
  }

  /** Resolves after `ms` with false, or with true as soon as a stop is requested. */
  #waitUnlessStopped(ms: number, stop: StopRequest | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      if (stop?.terminate.aborted === true) return resolve(true);
      const cancel = this.#clock.after(ms, () => resolve(false));
      const onStop = (): void => {
        cancel();
        resolve(true);
      };
      stop?.terminate.addEventListener("abort", onStop, { once: true });
      return undefined;
    });
  }

  async #print(output: OutputSink, printed: PrintedOutput[], chunk: TimedChunk): Promise<void> {
    const { stream, bytes } = chunk;
    if (bytes.length === 0) return;
    const taken = printed.find((output) => output.stream === stream);
    taken?.pieces.push({ bytes, atMs: this.#clock.elapsedMs });
    // The port lets the engine use the memory only during the call.
    const lent = bytes.slice();
    const wait = output.write(stream, lent);
    lent.fill(0x21);
    await wait;
  }

  #printedBy(job: JobSpec, unit: PrintedOutput["unit"]): PrintedOutput[] {
    return (["stdout", "stderr"] as const).map((stream) => {
      const key = JSON.stringify([job.jobId, unit, stream]);
      const known = this.#printed.get(key) ?? { jobId: job.jobId, unit, stream, pieces: [], endsAt: [] };
      this.#printed.set(key, known);
      return known;
    });
  }

  #begin(
    job: JobSpec,
    kind: Activity["kind"],
    facts: Pick<Activity, "stop" | "attemptStartedAtMs" | "step" | "beganAtMs">,
  ): Activity {
    const activity = { jobId: job.jobId, attempt: job.attempt, kind, ...facts };
    this.#active.add(activity);
    return activity;
  }

  #diceOf(job: JobSpec): Random {
    return this.#world.random.fork(`${job.jobId} ${job.attempt}`);
  }

  /** How likely whatever is done for a job loses its worker: hardly, or again and again. */
  #losing({ jobId }: JobSpec): number {
    return this.#world.random.fork(`worker of ${jobId}`).chance(0.15) ? 0.4 : 0.01;
  }

  #bug(where: string): Error {
    this.#bugs += 1;
    return new Error(`A bug in ${where} of the provider`);
  }
}

/** The facts of a section that go into documents. */
function factsOf(section: SectionName, provider: string): Readonly<Record<string, FactValue>> {
  if (section === "cache_restore") return { key: "deps", hit: false, bytes: 0, duration_ms: 0 };
  if (section === "cache_save") return { key: "deps", saved: true, bytes: 512, duration_ms: 0 };
  return { provider };
}

function endOutput(printed: readonly PrintedOutput[]): void {
  for (const output of printed) output.endsAt.push(output.pieces.length);
}

const SECTION_OF_PHASE: { readonly [P in OptionalPhaseCode]: SectionName } = {
  "job.cache_restore": "cache_restore",
  "job.artifact_restore": "artifact_extract",
  "job.artifact_save": "artifact_save",
  "job.cache_save": "cache_save",
};
