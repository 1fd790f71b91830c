import type { SharedEntry, SharedLog } from "@loom/ports";
import { JetStreamApiError } from "@nats-io/jetstream";
import { headers } from "@nats-io/transport-node";
import { HASTY_MS, type JetStreamParts } from "./connect.ts";
import { openReader } from "./streams.ts";

/** Header with the place of an entry in its subject. */
const PLACE = "Loom-Entry";

/** How long to wait before a server that does not answer is asked again. Unit: milliseconds. */
const AGAIN_AFTER_MS = 250;

/** How often a server says that it is there while it has nothing else to say. Unit: milliseconds; at least 500. */
const HEARTBEAT_MS = 1_000;

/** Of several servers, the one that has a reader may be gone, and no other one says so: then nothing is said for so long. Unit: milliseconds. */
const SILENCE_MS = 2.5 * HEARTBEAT_MS;

/** The server's code for an append that does not follow on what it has. */
const WRONG_LAST_SEQUENCE = 10_071;

/** The server's code for a message that is not there. */
const NO_MESSAGE = 10_037;

/** Names of the stream, and of what stands before the subjects of a log in it. */
export interface LogNames {
  readonly stream: string;
  readonly subjects: string;
}

/** The last entry of a subject: its place there, and in the whole stream. */
interface LastEntry {
  readonly n: number;
  readonly sequence: number;
}

const NO_ENTRY: LastEntry = { n: 0, sequence: 0 };

/** A log in a stream: an entry per message. */
export class JetStreamLog implements SharedLog {
  readonly #parts: JetStreamParts;
  readonly #names: LogNames;
  /** What this one appended last, by subject. */
  readonly #last = new Map<string, LastEntry>();

  constructor(parts: JetStreamParts, names: LogNames) {
    this.#parts = parts;
    this.#names = names;
  }

  async append(subject: string, n: number, data: Uint8Array): Promise<"appended" | "taken" | "gap"> {
    const known = this.#last.get(subject);
    // The server refuses a first one where there is any.
    const last = n === 1 ? NO_ENTRY : known?.n === n - 1 ? known : await this.#lastOf(subject);
    if (last.n >= n) return "taken";
    if (last.n < n - 1) return "gap";
    const marks = headers();
    marks.set(PLACE, String(n));
    try {
      const { seq: sequence } = await this.#parts.client.publish(this.#names.subjects + subject, data, {
        headers: marks,
        // While servers agree on who leads, nobody answers, not even later.
        timeout: HASTY_MS,
        expect: { lastSubjectSequence: last.sequence },
      });
      this.#last.set(subject, { n, sequence });
      return "appended";
    } catch (cause) {
      this.#last.delete(subject);
      // Somebody was faster, or this is the second try of an append whose answer got lost.
      if (cause instanceof JetStreamApiError && cause.code === WRONG_LAST_SEQUENCE)
        return (await this.count(subject)) < n - 1 ? "gap" : "taken";
      throw cause;
    }
  }

  async count(subject: string): Promise<number> {
    return (await this.#lastOf(subject)).n;
  }

  async forget(prefix: string): Promise<void> {
    for (const subject of this.#last.keys()) if (subject.startsWith(prefix)) this.#last.delete(subject);
    const { stream, subjects } = this.#names;
    await this.#parts.manager.streams.purge(stream, { filter: `${subjects}${prefix}>` });
  }

  async *read(subject: string, from: number, signal: AbortSignal): AsyncGenerator<SharedEntry, void> {
    let next = from;
    let sequence = 0;
    while (!signal.aborted) {
      try {
        for await (const { entry, seq } of this.#readOnce(subject, sequence, signal)) {
          // Some were lost on the way, as while a connection was made anew: they are asked for once more.
          if (entry.n > next) break;
          sequence = seq;
          if (entry.n < next) continue;
          yield entry;
          next += 1;
          if (signal.aborted) return;
        }
      } catch (cause) {
        if (this.#parts.connection.isClosed()) throw cause;
        await new Promise((resolve) => void setTimeout(resolve, AGAIN_AFTER_MS));
      }
    }
  }

  /** What comes after a place in the stream, as far as the connection and the server carry. */
  async *#readOnce(
    subject: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly entry: SharedEntry; readonly seq: number }, void> {
    const { stream, subjects } = this.#names;
    const reader = await openReader(this.#parts, stream, subjects + subject, after);
    // A server that was started anew knows nothing of its readers.
    const messages = await reader.consumer.consume({
      abort_on_missing_resource: true,
      idle_heartbeat: HEARTBEAT_MS,
    });
    const stop = (): void => messages.stop();
    let isWaiting = true;
    let isSilent = false;
    const silence = setTimeout(() => {
      if (signal.aborted) return;
      // Who has nothing to wait for asks for nothing.
      if (!isWaiting) return void silence.refresh();
      isSilent = true;
      stop();
    }, SILENCE_MS);
    const listen = async (): Promise<void> => {
      for await (const { type } of messages.status()) if (type === "heartbeat") silence.refresh();
    };
    void listen();
    signal.addEventListener("abort", stop, { once: true });
    try {
      // It may have aborted while the server was asked.
      if (signal.aborted) return;
      for await (const { headers: marks, data, seq } of messages) {
        isWaiting = false;
        yield { entry: { n: Number(marks?.get(PLACE)), data }, seq };
        isWaiting = true;
        silence.refresh();
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      messages.stop();
      const forgotten = reader.forget();
      // Nobody answers for it.
      if (!isSilent) await forgotten;
    }
  }

  async #lastOf(subject: string): Promise<LastEntry> {
    const { stream, subjects } = this.#names;
    try {
      const found = await this.#parts.hasty.streams.getMessage(stream, {
        last_by_subj: subjects + subject,
      });
      return found === null ? NO_ENTRY : { n: Number(found.header.get(PLACE)), sequence: found.seq };
    } catch (cause) {
      if (cause instanceof JetStreamApiError && cause.code === NO_MESSAGE) return NO_ENTRY;
      throw cause;
    }
  }
}
