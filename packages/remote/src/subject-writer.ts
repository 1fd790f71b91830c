import type { Clock, SharedLog } from "@loom/ports";
import { findMessages } from "./find-messages.ts";
import { encodeMessage } from "./message-codec.ts";
import { pause } from "./pause.ts";

/** Size of an entry from which on no more messages join it. Characters of JSON. Source: a server takes 1 MiB at a time by default. */
const FULL_ENTRY = 256 * 1024;

/** Messages that may wait for the log before whoever adds more should wait, too. */
const MOST_PENDING = 32;

/** How long to wait before an append is tried again of which nobody knows what became. Milliseconds. */
const AGAIN_AFTER_MS = 100;

/** What a writer writes to. */
export interface WriterPlace {
  readonly log: SharedLog;
  readonly subject: string;
  /** Name of this writer: no other one of the subject has it. */
  readonly writer: string;
  readonly clock: Pick<Clock, "after">;
  /** After how many entries of others this one begins. Default: 0. */
  readonly after?: number;
  /** Aborting it gives up what is not on the log yet. */
  readonly signal: AbortSignal;
  /** Called when another writer has taken this one's place. */
  readonly onReplaced?: () => void;
}

/**
 * Appends messages to a subject, in their order and each once, whatever becomes of single answers.
 *
 * Messages of one moment share an entry. An entry of another writer where this one's should be ends it: nothing more of it counts.
 */
export class SubjectWriter<T> {
  readonly #place: WriterPlace;
  #pending: T[] = [];
  #written: number;
  #sending: Promise<void> | undefined;
  #isReplaced = false;

  constructor(place: WriterPlace) {
    this.#place = place;
    this.#written = place.after ?? 0;
  }

  /** How many entries are on the log. */
  get written(): number {
    return this.#written;
  }

  /** Whether another writer has taken this one's place. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  /** Whether much waits for the log: whoever can wait should wait until it is settled. */
  get isFull(): boolean {
    return this.#pending.length >= MOST_PENDING;
  }

  add(message: T): void {
    if (this.#isOver()) return;
    this.#pending.push(message);
    this.#sending ??= this.#send();
  }

  /** Resolves when everything so far is on the log, or does not count any more. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  #isOver(): boolean {
    return this.#isReplaced || this.#place.signal.aborted;
  }

  async #send(): Promise<void> {
    // Whatever belongs to this moment goes with it.
    await Promise.resolve();
    while (this.#pending.length > 0 && !this.#isOver()) {
      const count = this.#nextCount();
      await this.#append(
        encodeMessage({ writer: this.#place.writer, messages: this.#pending.slice(0, count) }),
      );
      this.#pending = this.#pending.slice(count);
    }
    this.#sending = undefined;
  }

  /** How many messages make the next entry. */
  #nextCount(): number {
    let length = 0;
    const full = this.#pending.findIndex((message) => {
      length += JSON.stringify(message).length;
      return length >= FULL_ENTRY;
    });
    return full === -1 ? this.#pending.length : full + 1;
  }

  async #append(data: Uint8Array): Promise<void> {
    const { log, subject, clock } = this.#place;
    const n = this.#written + 1;
    while (!this.#isOver()) {
      try {
        const answer = await log.append(subject, n, data);
        const isMine = answer === "appended" || (answer === "taken" && (await this.#wrote(n)));
        if (isMine) this.#written = n;
        else this.#replace();
        return;
      } catch {
        await pause(clock, AGAIN_AFTER_MS);
      }
    }
  }

  #replace(): void {
    this.#isReplaced = true;
    this.#place.onReplaced?.();
  }

  /**
   * Whether an entry is this writer's own, whose answer got lost.
   *
   * @throws When it is not to be had: the subject may have been forgotten meanwhile.
   */
  async #wrote(n: number): Promise<boolean> {
    const { log, subject, writer, clock } = this.#place;
    const found = await findMessages<T>(log, clock, { subject, n });
    if (found === undefined) throw new Error(`Entry ${n} of "${subject}" is not to be had`);
    return found.writer === writer;
  }
}
