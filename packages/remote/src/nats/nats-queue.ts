import type { TakenWork, WorkQueue } from "@loom/ports";
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type ConsumerConfig,
  type ConsumerInfo,
} from "@nats-io/jetstream";
import { createInbox, millis, nanos } from "@nats-io/transport-node";
import type { JetStreamParts } from "./connect.ts";
import { JetStreamWork } from "./nats-work.ts";

/** How long the server keeps a question in mind. Unit: milliseconds. */
const ASKED_FOR_MS = 30_000;

/** How often a server says that it is there while it has no work. Unit: milliseconds. */
const HEARTBEAT_MS = 1_000;

/** A server that said nothing for so long has forgotten the question, as one does that was started anew. Unit: milliseconds. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS;

/** How long to wait before a server that does not answer is asked again. Unit: milliseconds. */
const AGAIN_AFTER_MS = 250;

/** What the server says instead of work: that it is there, that it has none, that the time is over. */
const STATUS = { isThere: 100, none: 404, over: 408 } as const;

/** Names of the stream, and of what stands before a pool in its subjects. */
export interface QueueNames {
  readonly stream: string;
  readonly subjects: string;
}

/** A queue in a stream: a message is there until it is acknowledged, and each pool has one consumer for all. */
export class JetStreamQueue implements WorkQueue {
  readonly #parts: JetStreamParts;
  readonly #names: QueueNames;
  /** For new pools. */
  readonly #silentAfterMs: number;
  /** Questions that nobody waits for any more, and whose answer may be on the way. */
  readonly #late = new Set<Promise<void>>();

  constructor(parts: JetStreamParts, names: QueueNames, silentAfterMs: number) {
    this.#parts = parts;
    this.#names = names;
    this.#silentAfterMs = silentAfterMs;
  }

  async offer(pool: string, id: string, data: Uint8Array): Promise<void> {
    await this.#parts.client.publish(this.#names.subjects + pool, data, { msgID: id });
  }

  async take(pool: string, signal: AbortSignal): Promise<TakenWork | undefined> {
    const { promise: aborted, resolve: abort } = Promise.withResolvers<undefined>();
    const onAbort = (): void => abort(undefined);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const answer = this.#ask(pool, signal);
        const work = await Promise.race([answer, aborted]);
        if (signal.aborted) this.#giveBackLate(answer);
        else if (work === "nobody is there") await Promise.race([soon(), aborted]);
        else if (work !== undefined) return work;
      }
      return undefined;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Resolves when nothing is on the way any more that nobody waits for. */
  async settled(): Promise<void> {
    await Promise.all(this.#late);
  }

  /** One question. @returns Undefined when there is nothing so far. */
  async #ask(pool: string, signal: AbortSignal): Promise<JetStreamWork | "nobody is there" | undefined> {
    try {
      const silentAfterMs = await this.#havePool(pool);
      return signal.aborted ? undefined : await this.#next(pool, silentAfterMs, signal);
    } catch (cause) {
      if (this.#parts.connection.isClosed() && !signal.aborted) throw cause;
      return "nobody is there";
    }
  }

  async #next(pool: string, silentAfterMs: number, signal: AbortSignal): Promise<JetStreamWork | undefined> {
    const { connection } = this.#parts;
    const inbox = createInbox(this.#parts.inboxes);
    const answers = connection.subscribe(inbox);
    const question = { batch: 1, expires: nanos(ASKED_FOR_MS), idle_heartbeat: nanos(HEARTBEAT_MS) };
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${this.#names.stream}.${pool}`, JSON.stringify(question), {
      reply: inbox,
    });
    // What is on the way still arrives; then the answers end.
    const leave = (): void => void answers.drain().catch(() => undefined);
    const silence = setTimeout(leave, SILENCE_MS);
    signal.addEventListener("abort", leave, { once: true });
    try {
      for await (const message of answers) {
        silence.refresh();
        const status = message.headers?.code ?? 0;
        if (status === 0) return new JetStreamWork(connection, message, silentAfterMs);
        if (status === STATUS.none || status === STATUS.over) return undefined;
        if (status !== STATUS.isThere) throw new Error(`NATS gives no work: ${message.headers?.description}`);
      }
      return undefined;
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", leave);
    }
  }

  #giveBackLate(answer: Promise<JetStreamWork | string | undefined>): void {
    const late = answer
      .then(async (work) => {
        if (work instanceof JetStreamWork) await work.giveBack();
      })
      // The connection is gone: others get it when nothing is heard of it for some time.
      .catch(() => undefined)
      .finally(() => this.#late.delete(late));
    this.#late.add(late);
  }

  /** @returns How long who takes work of it may be silent. Milliseconds. */
  async #havePool(pool: string): Promise<number> {
    const { stream } = this.#names;
    const { consumers } = this.#parts.manager;
    try {
      return silenceOf(await consumers.info(stream, pool));
    } catch (cause) {
      if (!(cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.ConsumerNotFound))
        throw cause;
      return silenceOf(await consumers.add(stream, this.#newPool(pool)));
    }
  }

  #newPool(pool: string): Partial<ConsumerConfig> {
    return {
      durable_name: pool,
      filter_subject: this.#names.subjects + pool,
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(this.#silentAfterMs),
      max_deliver: -1,
      max_ack_pending: -1,
    };
  }
}

function silenceOf({ config: { ack_wait: waits = 0 } }: ConsumerInfo): number {
  return millis(waits);
}

async function soon(): Promise<undefined> {
  await new Promise((resolve) => void setTimeout(resolve, AGAIN_AFTER_MS));
  return undefined;
}
