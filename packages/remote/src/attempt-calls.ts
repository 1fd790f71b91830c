import { unreachable, type EventError } from "@loom/core";
import type { Clock, SectionContext, SharedLog, StopRequest } from "@loom/ports";
import { fence } from "./fence.ts";
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
} from "./messages.ts";
import { within } from "./pause.ts";
import { sealText } from "./sealed-box.ts";
import { SubjectWriter } from "./subject-writer.ts";

/** How long a worker may take to answer once a job should have ended. Milliseconds. */
const PATIENCE_MS = 20_000;

/** How long to wait until a worker can know that its attempt is over. It may still be told after that. Milliseconds. */
const TOLD_WITHIN_MS = 2_000;

/** After how many entries of a worker it is told that they were taken. */
const TELL_TAKEN_EVERY = 16;

/** Who is told what happens while a call is open. */
export interface CallListener extends SectionContext {
  sectionStarted?(section: (Happening & { readonly kind: "section" })["section"]): Promise<void>;
  sectionEnded?(happening: Happening & { readonly kind: "section_ended" }): Promise<void>;
}

/** What an attempt talks over. */
export interface AttemptPlace {
  readonly log: SharedLog;
  readonly clock: Clock;
  /** Name of this coordinator: no other one of the run has it. */
  readonly coordinator: string;
  /** Aborting it gives up what the log was not told yet. */
  readonly signal: AbortSignal;
}

/** What an earlier coordinator has asked for. */
export interface EarlierCalls {
  /** Number of the call to go on with. */
  readonly first: number;
  /** What it has asked for after that. */
  readonly later: readonly Call[];
  /** How many entries its orders have. */
  readonly entries: number;
}

/** An answer, or that there will be none. */
export type CallEnd = Answer | { readonly kind: "lost"; readonly error: EventError };

/** The coordinator's side of one attempt at a job: asks its worker for one thing after the other. */
export class AttemptCalls {
  readonly #place: AttemptPlace;
  readonly #offer: Offer;
  readonly #secrets: ForwardedSecrets | undefined;
  readonly #orders: SubjectWriter<Order>;
  readonly #over = new AbortController();
  /** Rejects when what happens makes no sense. Set once somebody waits for something. */
  #failed: Promise<never> | undefined;
  #calls: number;
  /** What comes next was asked for already. */
  readonly #later: Call[];
  /** Number of the first call that anybody is told of. */
  readonly #first: number;
  #wake: () => void = () => undefined;
  /** The last call that was answered. */
  #answered = 0;
  #entries = 0;
  #worker: string | undefined;
  #lost: EventError | undefined;
  #open: { readonly call: number; readonly listener: CallListener; end: (end: CallEnd) => void } | undefined;

  /**
   * @param secrets - For the worker that begins, and nobody else. Default: none.
   * @param earlier - Of a coordinator that is gone, and did not end the attempt. Default: it is a new one.
   */
  constructor(
    offer: Offer,
    place: AttemptPlace,
    { secrets, earlier }: { readonly secrets?: ForwardedSecrets; readonly earlier?: EarlierCalls } = {},
  ) {
    this.#place = place;
    this.#offer = offer;
    this.#secrets = secrets;
    this.#calls = earlier?.first ?? 0;
    this.#first = earlier?.first ?? 1;
    this.#later = [...(earlier?.later ?? [])];
    const { log, coordinator: writer, clock, signal } = place;
    const { orders: subject } = subjectsOf(offer);
    this.#orders = new SubjectWriter({
      log,
      subject,
      writer,
      clock,
      signal,
      after: earlier?.entries ?? 0,
      onReplaced: () => this.#end("another process has taken up its run"),
    });
  }

  /** Who carries the attempt out; `undefined` while nobody does. */
  get worker(): string | undefined {
    return this.#worker;
  }

  /** Asks for something. One call is open at a time. Rejects on a bug of the worker. */
  async call(what: Call, listener: CallListener, stop: StopRequest): Promise<CallEnd> {
    if (this.#lost === undefined) {
      this.#calls += 1;
      const asked = this.#later.shift();
      if (asked === undefined)
        this.#orders.add({ kind: "call", call: this.#calls, what, graceMs: stop.graceMs });
      else if (!isSame(asked, what)) this.lose("its run goes on in another way");
    }
    return await this.goOn(listener, stop);
  }

  /**
   * Waits for the end of what was asked for last, if only by an earlier coordinator. The listener is told all of it, from its
   * beginning on.
   */
  async goOn(listener: CallListener, stop: StopRequest): Promise<CallEnd> {
    if (this.#lost !== undefined) return { kind: "lost", error: this.#lost };
    const call = this.#calls;
    const ended = new Promise<CallEnd>((end) => (this.#open = { call, listener, end }));
    this.#wake();
    this.#failed ??= this.#follows();
    const unfollow = this.#follow(call, stop);
    try {
      const end = await Promise.race([ended, this.#failed]);
      if (end.kind === "bug") throw new Error(`The worker "${this.#worker}" failed: ${end.message}`);
      return end;
    } finally {
      unfollow();
      this.#open = undefined;
    }
  }

  /** Resolves when everything that was asked for is on the log. */
  async told(): Promise<void> {
    await this.#orders.settled();
  }

  /** Nobody waits for its worker any more. */
  lose(why: string): void {
    if (this.#over.signal.aborted) return;
    const { log, clock, coordinator: by, signal } = this.#place;
    const subject = subjectsOf(this.#offer).happenings;
    void fence({ log, subject, by, why, clock, signal }, this.#entries);
    this.#end(why);
  }

  /** The attempt is over. Resolves when its worker can know, or nobody answers for a while. */
  async end(): Promise<void> {
    this.#later.length = 0;
    this.#over.abort();
    this.#wake();
    await within(this.#place.clock, TOLD_WITHIN_MS, this.told());
  }

  #end(why: string): void {
    const who =
      this.#worker === undefined ? "No worker has the job" : `Worker "${this.#worker}" has lost the job`;
    this.#lost = { code: "worker_lost", message: `${who}: ${why}` };
    this.#orders.add({ kind: "over" });
    this.#over.abort();
    this.#wake();
    this.#open?.end({ kind: "lost", error: this.#lost });
  }

  /** Hands requests to stop on, and gives a worker up that does not react to one. */
  #follow(call: number, { terminate, kill, graceMs }: StopRequest): () => void {
    const ends: (() => void)[] = [];
    const follow = (signal: AbortSignal, how: "terminate" | "kill", withinMs: number): void => {
      const stop = (): void => {
        if (this.#worker === undefined) return this.lose("it was to end before a worker had it");
        this.#orders.add({ kind: "stop", call, how });
        const give = (): void => this.lose(`it did not end within ${withinMs / 1_000} s of being asked to`);
        ends.push(this.#place.clock.after(withinMs, give));
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop, { once: true });
      ends.push(() => signal.removeEventListener("abort", stop));
    };
    follow(terminate, "terminate", graceMs + PATIENCE_MS);
    follow(kill, "kill", PATIENCE_MS);
    return () => ends.forEach((end) => end());
  }

  /** Never resolves. */
  async #follows(): Promise<never> {
    await this.#read();
    return await new Promise<never>(() => undefined);
  }

  /** Takes what happens, in its order. Rejects when it makes no sense, which is a bug. */
  async #read(): Promise<void> {
    const { happenings } = subjectsOf(this.#offer);
    for await (const { n, data } of this.#place.log.read(happenings, 1, this.#over.signal)) {
      this.#entries = n;
      for (const happening of decodeMessage<Envelope<Happening>>(data).messages) {
        await this.#untilAsked();
        await this.#take(happening);
        if (this.#over.signal.aborted) return;
      }
      if (n % TELL_TAKEN_EVERY === 0) this.#orders.add({ kind: "taken", upTo: n });
    }
  }

  /** Waits until somebody asks for what an earlier coordinator has asked for: it may have happened already. */
  async #untilAsked(): Promise<void> {
    const next = this.#answered + 1;
    while (
      next >= this.#first &&
      this.#later.length > 0 &&
      this.#open?.call !== next &&
      this.#lost === undefined
    )
      await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #forward(publicKey: string): void {
    if (this.#secrets === undefined) return;
    const sealed = sealText(JSON.stringify(this.#secrets), publicKey, offerId(this.#offer));
    if (sealed === undefined) this.lose("nothing can be sealed for it");
    else this.#orders.add({ kind: "secrets", sealed });
  }

  async #take(happening: Happening): Promise<void> {
    // What happened in calls before it is told already.
    const listener = this.#open?.call === this.#answered + 1 ? this.#open.listener : undefined;
    switch (happening.kind) {
      case "begun": {
        const { worker, host, publicKey } = happening;
        this.#worker = worker;
        this.#forward(publicKey);
        return listener?.log("info", `Worker "${worker}" on ${host} carries out the job`, { worker, host });
      }
      case "fenced":
        return this.#end(happening.why);
      case "section":
        return await listener?.sectionStarted?.(happening.section);
      case "section_ended":
        return await listener?.sectionEnded?.(happening);
      case "log":
        return listener?.log(happening.level, happening.message, happening.facts);
      case "output":
        return await listener?.output.write(happening.stream, Buffer.from(happening.bytes, "base64"));
      case "answered":
        this.#answered = happening.call;
        if (happening.call === this.#open?.call) this.#open.end(happening.answer);
        return undefined;
      default:
        return unreachable(happening);
    }
  }
}

/** Whether a call is the one that was made before. */
function isSame(asked: Call, what: Call): boolean {
  if (asked.kind === "run" && what.kind === "run") return asked.step.step === what.step.step;
  return JSON.stringify(asked) === JSON.stringify(what);
}
