import type { SharedEntry, SharedLog } from "@loom/ports";
import {
  AckPolicy,
  DeliverPolicy,
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { connect, headers, nanos, type NatsConnection } from "@nats-io/transport-node";

/** Where an engine is, and how it keeps what it is given. */
export interface NatsPlace {
  /** `nats://HOST:PORT` of one or more of its servers. */
  readonly servers: readonly string[];
  /** How many of its servers keep each entry: an odd number. Default: 1. */
  readonly replicas?: number;
  /** Name of the stream, which is made where it is not there. Default: `LOOM_RUNS`. */
  readonly stream?: string;
}

/** A log that a NATS server with JetStream keeps. */
export interface NatsLog extends SharedLog {
  /** Leaves the server. Readers end. */
  close(): Promise<void>;
}

/** What stands before the subjects of a log on the server, where others may have theirs. */
const PREFIX = "loom.log.";

/** Header with the place of an entry in its subject. */
const PLACE = "Loom-Entry";

/** How long the server keeps what a reader was told after nobody has asked for it any more. Unit: milliseconds. */
const FORGOTTEN_AFTER_MS = 30_000;

/** How long to wait before a server that does not answer is asked again. Unit: milliseconds. */
const AGAIN_AFTER_MS = 250;

/** How often a server says that it is there while it has nothing else to say. Unit: milliseconds; at least 500. */
const HEARTBEAT_MS = 1_000;

/** The server's code for an append that does not follow on what it has. */
const WRONG_LAST_SEQUENCE = 10_071;

/** The server's code for a message that is not there. */
const NO_MESSAGE = 10_037;

/**
 * Reaches the log that an engine keeps.
 *
 * @throws The client's error when no server can be reached, or none of them has JetStream.
 */
export async function openNatsLog({
  servers,
  replicas = 1,
  stream = "LOOM_RUNS",
}: NatsPlace): Promise<NatsLog> {
  const connection = await connect({
    servers: [...servers],
    // A server that is gone comes back, or another one has its part: until somebody gives up, it is asked again.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
  });
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({
      name: stream,
      subjects: [`${PREFIX}>`],
      storage: StorageType.File,
      num_replicas: replicas,
    });
    return new JetStreamLog(connection, { manager, client: jetstream(connection), stream });
  } catch (cause) {
    await connection.close();
    throw cause;
  }
}

interface JetStreamParts {
  readonly manager: JetStreamManager;
  readonly client: JetStreamClient;
  readonly stream: string;
}

/** The last entry of a subject: its place there, and in the whole stream. */
interface LastEntry {
  readonly n: number;
  readonly sequence: number;
}

const NO_ENTRY: LastEntry = { n: 0, sequence: 0 };

class JetStreamLog implements NatsLog {
  readonly #connection: NatsConnection;
  readonly #parts: JetStreamParts;
  /** What this one appended last, by subject. */
  readonly #last = new Map<string, LastEntry>();

  constructor(connection: NatsConnection, parts: JetStreamParts) {
    this.#connection = connection;
    this.#parts = parts;
  }

  async append(subject: string, n: number, data: Uint8Array): Promise<"appended" | "taken"> {
    const known = this.#last.get(subject);
    const last = known?.n === n - 1 ? known : await this.#lastOf(subject);
    if (last.n >= n) return "taken";
    if (last.n < n - 1) throw new Error(`Entry ${n} of "${subject}" leaves a gap: there are ${last.n}`);
    const marks = headers();
    marks.set(PLACE, String(n));
    try {
      const { seq: sequence } = await this.#parts.client.publish(PREFIX + subject, data, {
        headers: marks,
        expect: { lastSubjectSequence: last.sequence },
      });
      this.#last.set(subject, { n, sequence });
      return "appended";
    } catch (cause) {
      this.#last.delete(subject);
      // Somebody was faster, or this is the second try of an append whose answer got lost.
      if (cause instanceof JetStreamApiError && cause.code === WRONG_LAST_SEQUENCE) return "taken";
      throw cause;
    }
  }

  async *read(subject: string, from: number, signal: AbortSignal): AsyncGenerator<SharedEntry, void> {
    let next = from;
    while (!signal.aborted) {
      try {
        for await (const entry of this.#readOnce(subject, signal)) {
          if (entry.n < next) continue;
          // Some were lost on the way, as while a connection was made anew: they are asked for once more.
          if (entry.n > next) break;
          yield entry;
          next += 1;
          if (signal.aborted) return;
        }
      } catch (cause) {
        if (this.#connection.isClosed()) throw cause;
        await new Promise((resolve) => void setTimeout(resolve, AGAIN_AFTER_MS));
      }
    }
  }

  /** From the first entry on, as far as the connection carries. */
  async *#readOnce(subject: string, signal: AbortSignal): AsyncGenerator<SharedEntry, void> {
    const { client, manager, stream } = this.#parts;
    const { name } = await manager.consumers.add(stream, {
      filter_subject: PREFIX + subject,
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
      mem_storage: true,
    });
    const consumer = await client.consumers.get(stream, name);
    // A server that was started anew knows nothing of its readers.
    const messages = await consumer.consume({
      abort_on_missing_resource: true,
      idle_heartbeat: HEARTBEAT_MS,
    });
    const stop = (): void => messages.stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      // It may have aborted while the server was asked.
      if (signal.aborted) return;
      for await (const { headers: marks, data } of messages) yield { n: Number(marks?.get(PLACE)), data };
    } finally {
      signal.removeEventListener("abort", stop);
      messages.stop();
      await consumer.delete().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  async #lastOf(subject: string): Promise<LastEntry> {
    const { manager, stream } = this.#parts;
    try {
      const found = await manager.streams.getMessage(stream, { last_by_subj: PREFIX + subject });
      return found === null ? NO_ENTRY : { n: Number(found.header.get(PLACE)), sequence: found.seq };
    } catch (cause) {
      if (cause instanceof JetStreamApiError && cause.code === NO_MESSAGE) return NO_ENTRY;
      throw cause;
    }
  }
}
