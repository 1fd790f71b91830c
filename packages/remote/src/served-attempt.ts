import { err, ok, unreachable, type EventError, type Result } from "@loom/core";
import type {
  Clock,
  JobProvider,
  JobSpec,
  OutputSink,
  ProviderSession,
  SectionContext,
  Sections,
  SharedEntry,
  SharedLog,
  StepSpec,
  StopRequest,
} from "@loom/ports";
import { aborted } from "./aborted.ts";
import type { FileCourier } from "./file-courier.ts";
import { decodeMessage, type Envelope } from "./message-codec.ts";
import {
  offerId,
  subjectsOf,
  type Answer,
  type Call,
  type ForwardedSecrets,
  type Happening,
  type Offer,
  type Order,
  type ReceivedJob,
  type TravellingJob,
} from "./messages.ts";
import type { SealedText, SealKeys } from "./sealed-box.ts";
import { SubjectWriter } from "./subject-writer.ts";
import { pause } from "./pause.ts";

/** How many entries a worker may be ahead of what the coordinator has taken. */
const MOST_AHEAD = 64;

/** How long to wait before a log that does not answer is asked again. Milliseconds. */
const AGAIN_AFTER_MS = 250;

/** Most bytes of output in one message. */
const MOST_BYTES = 128 * 1024;

/** A job that has arrived: where it works, and what carries it out. */
export interface ArrivedJob {
  readonly provider: JobProvider;
  readonly spec: JobSpec;
  /** Removes what was made for it. */
  remove(): Promise<void>;
}

/** What a worker serves attempts with. */
export interface ServingPlace {
  readonly log: SharedLog;
  readonly courier: FileCourier;
  readonly clock: Clock;
  /** Name of the worker: no other one has it. */
  readonly worker: string;
  /** The machine that it is on. */
  readonly host: string;
  /** What opens what is sealed for the worker. */
  readonly keys: SealKeys;
  /** Makes a place for a job, with the workspace that it is to find. */
  readonly receive: (
    offer: Offer,
    job: ReceivedJob,
    stop: AbortSignal,
  ) => Promise<Result<ArrivedJob, EventError>>;
}

/** One attempt at a job on its worker: carries out what the coordinator asks for, and tells what happens. */
export class ServedAttempt {
  readonly #place: ServingPlace;
  readonly #offer: Offer;
  readonly #happenings: SubjectWriter<Happening>;
  readonly #over = new AbortController();
  /** Ends what runs, when the attempt is no longer this one's. */
  readonly #killAll = new AbortController();
  readonly #stops = new Map<
    number,
    { readonly terminate: AbortController; readonly kill: AbortController }
  >();
  readonly #sealed = Promise.withResolvers<SealedText>();
  #arrived: ArrivedJob | undefined;
  #session: ProviderSession | undefined;
  #takenUpTo = 0;
  readonly #waiting = new Set<() => void>();
  #working: Promise<void> = Promise.resolve();

  constructor(offer: Offer, place: ServingPlace) {
    this.#offer = offer;
    this.#place = place;
    const { log, worker: writer, clock } = place;
    const subject = subjectsOf(offer).happenings;
    this.#happenings = new SubjectWriter({
      log,
      subject,
      writer,
      clock,
      signal: this.#killAll.signal,
      onReplaced: () => this.giveUp(),
    });
  }

  /**
   * Carries the attempt out, to its end.
   *
   * @returns Whether it was this worker's, to the end. `replaced`: somebody else ended it, or had it before. `forgotten`: its
   *   run was over before.
   */
  async serve(): Promise<"done" | "replaced" | "forgotten"> {
    const { log } = this.#place;
    // The orders are on their way while it is found out whether there are any, and who has the attempt.
    const orders = log.read(subjectsOf(this.#offer).orders, 1, this.#over.signal)[Symbol.asyncIterator]();
    const first = orders.next();
    first.catch(() => undefined);
    try {
      return await this.#serve(orders, first);
    } finally {
      this.#over.abort();
      await first.catch(() => undefined);
      // A reader that holds an order would wait for ever to be asked for the next one.
      await orders.return?.();
    }
  }

  async #serve(
    orders: AsyncIterator<SharedEntry>,
    first: Promise<IteratorResult<SharedEntry>>,
  ): Promise<"done" | "replaced" | "forgotten"> {
    const { worker, host, keys } = this.#place;
    if (!(await this.#isAskedFor())) return "forgotten";
    this.#happenings.add({ kind: "begun", worker, host, publicKey: keys.publicKey });
    await this.#happenings.settled();
    if (this.#happenings.isReplaced) return "replaced";
    for (let read = await first; read.done !== true; read = await orders.next())
      for (const order of decodeMessage<Envelope<Order>>(read.value.data).messages) this.#take(order);
    await this.#working;
    await this.#happenings.settled();
    await this.#close();
    return this.#happenings.isReplaced || this.#killAll.signal.aborted ? "replaced" : "done";
  }

  /** How many entries of this worker there are. */
  get entries(): number {
    return this.#happenings.written;
  }

  /** Ends what runs at once: the attempt is not this worker's any more. */
  giveUp(): void {
    this.#killAll.abort();
    this.#over.abort();
    this.#wake();
  }

  /** Whether there are orders. They come before the offer, and a run that is over takes them back. */
  async #isAskedFor(): Promise<boolean> {
    const { log, clock } = this.#place;
    while (!this.#killAll.signal.aborted)
      try {
        return (await log.count(subjectsOf(this.#offer).orders)) > 0;
      } catch {
        await pause(clock, AGAIN_AFTER_MS);
      }
    return false;
  }

  #take(order: Order): void {
    switch (order.kind) {
      case "call": {
        const stop = { terminate: new AbortController(), kill: new AbortController() };
        this.#stops.set(order.call, stop);
        const request: StopRequest = {
          terminate: stop.terminate.signal,
          kill: AbortSignal.any([stop.kill.signal, this.#killAll.signal]),
          graceMs: order.graceMs,
        };
        this.#working = this.#working.then(async () => await this.#answer(order.call, order.what, request));
        return;
      }
      case "stop":
        this.#stops.get(order.call)?.[order.how].abort();
        return;
      case "secrets":
        this.#sealed.resolve(order.sealed);
        return;
      case "taken":
        this.#takenUpTo = order.upTo;
        this.#wake();
        return;
      case "over":
        this.giveUp();
        return;
      default:
        unreachable(order);
    }
  }

  async #answer(call: number, what: Call, stop: StopRequest): Promise<void> {
    if (this.#killAll.signal.aborted) return;
    let answer: Answer;
    try {
      answer = await this.#perform(what, stop);
    } catch (cause) {
      answer = { kind: "bug", message: cause instanceof Error ? messageOf(cause) : String(cause) };
    }
    this.#stops.delete(call);
    this.#tell({ kind: "answered", call, answer });
    if (what.kind === "close") this.#over.abort();
  }

  async #perform(what: Call, stop: StopRequest): Promise<Answer> {
    switch (what.kind) {
      case "prepare":
        return await this.#prepare(what.job, stop);
      case "run":
        return await this.#run(what.step, stop);
      case "put":
        return await this.#put(what, stop.kill);
      case "take":
        return await this.#takeOut(what.paths, stop.kill);
      case "close":
        return await this.#close();
      default:
        return unreachable(what);
    }
  }

  async #prepare(job: TravellingJob, stop: StopRequest): Promise<Answer> {
    const signal = AbortSignal.any([stop.terminate, stop.kill]);
    const forwarded = job.forwardsSecrets === true ? await this.#forwarded(signal) : ok(undefined);
    if (!forwarded.ok) return { kind: "failed", error: forwarded.error };
    const received = { ...job, ...(forwarded.value !== undefined && { forwarded: forwarded.value }) };
    const arrived = await this.#place.receive(this.#offer, received, signal);
    if (!arrived.ok) return { kind: "failed", error: arrived.error };
    this.#arrived = arrived.value;
    const { provider, spec } = arrived.value;
    const prepared = await provider.prepare(spec, this.#sections(), stop);
    if (!prepared.ok) return { kind: "failed", error: prepared.error };
    this.#session = prepared.value;
    return { kind: "done" };
  }

  /** Waits for the secrets that follow. */
  async #forwarded(stop: AbortSignal): Promise<Result<ForwardedSecrets, EventError>> {
    const sealed = await Promise.race([this.#sealed.promise, aborted(stop)]);
    if (sealed === undefined)
      return err({ code: "cancelled", message: "The job was not set up: it is being stopped" });
    const opened = this.#place.keys.open(sealed, offerId(this.#offer));
    if (opened !== undefined) return ok(JSON.parse(opened) as ForwardedSecrets);
    const message =
      "The secrets that the run forwards cannot be opened: they were not sealed for this worker";
    return err({ code: "SECRETS_PROVIDER_UNAVAILABLE", message });
  }

  async #run(step: StepSpec, stop: StopRequest): Promise<Answer> {
    const { session, spec } = this.#prepared();
    // Its variables came with the job, where they lead to the folder here.
    const env = spec.stepEnv?.get(step.step);
    const own = env === undefined ? step : { ...step, env };
    return { kind: "ended", end: await session.run(own, this.#output(), stop) };
  }

  async #put({ files, paths }: Call & { readonly kind: "put" }, signal: AbortSignal): Promise<Answer> {
    const { session, spec } = this.#prepared();
    const received = await this.#place.courier.receive(files, spec.workspaceRoot, { links: "all", signal });
    const put = received.ok ? await session.copy?.putIn(paths, signal) : received;
    return put?.ok === false ? { kind: "failed", error: put.error } : { kind: "done" };
  }

  async #takeOut(paths: readonly string[], signal: AbortSignal): Promise<Answer> {
    const { session, spec } = this.#prepared();
    const taken = await session.copy?.takeOut(paths, signal);
    if (taken?.ok === false) return { kind: "failed", error: taken.error };
    const sent = await this.#place.courier.send(spec.workspaceRoot, paths, { signal });
    return sent.ok ? { kind: "done", files: sent.value } : { kind: "failed", error: sent.error };
  }

  async #close(): Promise<Answer> {
    const session = this.#session;
    this.#session = undefined;
    const closed = await session?.close(this.#context());
    return closed?.ok === false ? { kind: "failed", error: closed.error } : { kind: "done" };
  }

  /** Removes what was made for the job, when nothing of it runs any more. */
  async remove(): Promise<void> {
    await this.#close();
    await this.#arrived?.remove();
  }

  #prepared(): { readonly session: ProviderSession; readonly spec: JobSpec } {
    const [session, spec] = [this.#session, this.#arrived?.spec];
    if (session === undefined || spec === undefined) throw new Error("The job is not set up");
    return { session, spec };
  }

  #sections(): Sections {
    return {
      run: async (section, work) => {
        this.#tell({ kind: "section", section });
        try {
          const outcome = await work(this.#context());
          this.#tell({ kind: "section_ended", section, outcome });
          return outcome;
        } catch (cause) {
          const error: EventError = { code: "internal", message: String(cause) };
          this.#tell({ kind: "section_ended", section, outcome: { status: "failed", error } });
          throw cause;
        }
      },
    };
  }

  #context(): SectionContext {
    return {
      output: this.#output(),
      log: (level, message, facts) =>
        this.#tell({ kind: "log", level, message, ...(facts !== undefined && { facts }) }),
    };
  }

  #output(): OutputSink {
    return {
      write: (stream, chunk) => {
        for (let from = 0; from < chunk.length; from += MOST_BYTES) {
          const bytes = Buffer.from(chunk.subarray(from, from + MOST_BYTES)).toString("base64");
          this.#tell({ kind: "output", stream, bytes });
        }
        return this.#isAhead() ? this.#untilTaken() : undefined;
      },
    };
  }

  #tell(happening: Happening): void {
    this.#happenings.add(happening);
  }

  #isAhead(): boolean {
    return this.#happenings.written - this.#takenUpTo > MOST_AHEAD || this.#happenings.isFull;
  }

  async #untilTaken(): Promise<void> {
    while (this.#isAhead() && !this.#killAll.signal.aborted)
      if (this.#happenings.isFull) await this.#happenings.settled();
      else await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #wake(): void {
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }
}

/** With the reasons behind it. */
function messageOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${messageOf(error.cause)}` : error.message;
}
