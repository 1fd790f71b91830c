import type { Clock, SharedLog } from "@loom/ports";
import { decodeEnvelope, encodeEnvelope } from "./message-codec.ts";

/** Most messages of one entry. What one moment has to say is less. */
const MOST_MESSAGES = 256;

/** How long to wait before an append is tried again of which nobody knows what became. Unit: milliseconds. */
const AGAIN_AFTER_MS = 100;

/** What a writer writes to. */
export interface WriterPlace {
  readonly log: SharedLog;
  readonly subject: string;
  /** Name of this writer: no other one of the subject has it. */
  readonly writer: string;
  readonly clock: Pick<Clock, "after">;
}

/**
 * Appends messages to a subject, in their order and each once, whatever becomes of single answers.
 *
 * Messages of one moment share an entry. Another writer of the same subject ends this one: it is over for it then.
 */
export class SubjectWriter<T> {
  readonly #place: WriterPlace;
  #pending: T[] = [];
  #written = 0;
  #sending: Promise<void> | undefined;
  #isReplaced = false;

  constructor(place: WriterPlace) {
    this.#place = place;
  }

  /** How many entries are on the log. */
  get written(): number {
    return this.#written;
  }

  /** Whether another writer has taken this one's place: nothing of it counts any more. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  /** How many messages are not on the log yet. */
  get pending(): number {
    return this.#pending.length;
  }

  add(message: T): void {
    if (this.#isReplaced) return;
    this.#pending.push(message);
    this.#sending ??= this.#send();
  }

  /** Resolves when everything so far is on the log, or does not count any more. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    // Whatever belongs to this moment goes with it.
    await Promise.resolve();
    while (this.#pending.length > 0 && !this.#isReplaced) {
      const messages = this.#pending.slice(0, MOST_MESSAGES);
      await this.#append(encodeEnvelope({ writer: this.#place.writer, messages }));
      this.#pending = this.#isReplaced ? [] : this.#pending.slice(messages.length);
    }
    this.#sending = undefined;
  }

  async #append(data: Uint8Array): Promise<void> {
    const { log, subject, clock } = this.#place;
    const n = this.#written + 1;
    for (;;) {
      try {
        const isMine = (await log.append(subject, n, data)) === "appended" || (await this.#wrote(n));
        if (isMine) this.#written = n;
        else this.#isReplaced = true;
        return;
      } catch {
        await new Promise<void>((resolve) => void clock.after(AGAIN_AFTER_MS, resolve));
      }
    }
  }

  /** Whether an entry is this writer's own, whose answer got lost. */
  async #wrote(n: number): Promise<boolean> {
    const { log, subject, writer } = this.#place;
    const found = new AbortController();
    try {
      for await (const entry of log.read(subject, n, found.signal))
        return decodeEnvelope(entry.data).writer === writer;
      return false;
    } finally {
      found.abort();
    }
  }
}
