import { unreachable, type EventError, type JobCommand, type JobId, type Result } from "@loom/core";
import { JobRunner, type JobCarrier, type JobHost } from "@loom/engine";
import type { JobShell, SharedLog, ShellOptions } from "@loom/ports";
import { SubjectWriter } from "./subject-writer.ts";
import { decodeEnvelope } from "./message-codec.ts";
import { subjectsOf, type Happening, type Order, type TravellingJob } from "./messages.ts";

/** How a job is carried out far away. */
export interface RemotePlace {
  readonly log: SharedLog;
  readonly runId: string;
  /** Name of this coordinator: no other one of the run has it. */
  readonly coordinator: string;
}

/** After how many entries of a worker it is told that they were taken. */
const TELL_TAKEN_EVERY = 16;

/**
 * Has a worker carry out a job: orders go to it over a log, and what happens comes back over another one.
 *
 * The lifecycle stays here, with all its limits of time; each command waits for its answer. What comes is recorded at the
 * moment that it is here. A worker is slowed down when the records cannot be written as fast.
 */
export class RemoteCarrier implements JobCarrier {
  readonly #jobId: JobId;
  readonly #host: JobHost;
  readonly #orders: SubjectWriter<Order>;
  /** What counts time. It has no job of its own. */
  readonly #timers: JobRunner;
  readonly #waiting = new Map<number, { readonly done: () => void; readonly fail: (bug: Error) => void }>();
  readonly #over = new AbortController();
  #performs = 0;
  #reading: Promise<void> | undefined;
  readonly #place: RemotePlace;

  constructor(jobId: JobId, host: JobHost, place: RemotePlace) {
    this.#jobId = jobId;
    this.#host = host;
    this.#place = place;
    this.#timers = new JobRunner(jobId, host);
    const subject = subjectsOf(place.runId, jobId).orders;
    this.#orders = new SubjectWriter({
      log: place.log,
      subject,
      writer: place.coordinator,
      clock: host.clock,
    });
  }

  async perform(command: JobCommand): Promise<void> {
    switch (command.type) {
      case "start_timer":
      case "stop_timer":
      case "pause_job":
      case "end_pause":
        return await this.#timers.perform(command);
      case "start_job":
        return await this.#order({ kind: "perform", command, job: this.#travelling(command.attempt) });
      case "clean_up_job":
        await this.#order({ kind: "perform", command });
        this.#over.abort();
        return;
      case "run_phase":
      case "run_step":
      case "cancel_step":
      case "cancel_job":
        return await this.#order({ kind: "perform", command });
      default:
        return unreachable(command);
    }
  }

  kill(): void {
    this.#orders.add({ kind: "kill" });
  }

  shell(_step: number, _options: ShellOptions): Promise<Result<JobShell, EventError> | undefined> {
    // Nobody but its worker gets there.
    return Promise.resolve(undefined);
  }

  #travelling(attempt: number): TravellingJob {
    const { node, env, stepEnv } = this.#host.run.jobFor(this.#jobId, attempt).spec;
    return {
      jobId: this.#jobId,
      node,
      attempt,
      env,
      ...(stepEnv !== undefined && { stepEnv: Object.fromEntries(stepEnv) }),
      graceMs: this.#host.graceMs,
    };
  }

  async #order(order: Order): Promise<void> {
    this.#performs += 1;
    const number = this.#performs;
    const performed = new Promise<void>((done, fail) => this.#waiting.set(number, { done, fail }));
    this.#orders.add(order);
    this.#reading ??= this.#read();
    await Promise.race([performed, this.#reading.then(() => performed)]);
  }

  /** Takes what happens, in its order. Rejects when it makes no sense, which is a bug. */
  async #read(): Promise<void> {
    const { log, runId } = this.#place;
    const { happenings } = subjectsOf(runId, this.#jobId);
    for await (const { n, data } of log.read(happenings, 1, this.#over.signal)) {
      for (const happening of decodeEnvelope<Happening>(data).messages) await this.#take(happening);
      if (n % TELL_TAKEN_EVERY === 0) this.#orders.add({ kind: "taken", upTo: n });
    }
  }

  async #take(happening: Happening): Promise<void> {
    const { events, clock } = this.#host;
    switch (happening.kind) {
      case "report":
        return events.report({ ...happening.input, atMs: clock.now() });
      case "log":
        events.log(happening.stream, happening.level, happening.message, happening.facts);
        return undefined;
      case "lines": {
        const { stream, output, ends, partial } = happening;
        events.lines(stream, output, { bytes: Buffer.from(happening.bytes, "base64"), ends, partial });
        events.flush();
        await events.drained();
        return undefined;
      }
      case "performed": {
        const { order, bug } = happening;
        const waiting = this.#waiting.get(order);
        this.#waiting.delete(order);
        if (bug === undefined) waiting?.done();
        else waiting?.fail(new Error(`The worker of job "${this.#jobId}" failed: ${bug}`));
        return undefined;
      }
      default:
        return unreachable(happening);
    }
  }
}
