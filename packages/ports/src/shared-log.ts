/** One entry of a subject. */
export interface SharedEntry {
  /** Place in its subject, from 1, without gaps. */
  readonly n: number;
  readonly data: Uint8Array;
}

/**
 * Entries by subject, each in their order, that somebody else keeps and that several machines reach, such as an engine for messages.
 *
 * What was appended stays as it is. Answers may get lost; entries do not.
 */
export interface SharedLog {
  /**
   * Appends an entry, as number `n` of its subject.
   *
   * @returns `taken` when there is an entry of that number already: another one, or this one, whose answer got lost. `gap`
   *   when one before it is not there, as where the subject was forgotten. Rejects when it is not known whether it was
   *   appended: try again.
   */
  append(subject: string, n: number, data: Uint8Array): Promise<"appended" | "taken" | "gap">;
  /** How many entries a subject has. */
  count(subject: string): Promise<number>;
  /** The entries from a number on, in order and each once, then those that come, until the signal aborts. */
  read(subject: string, from: number, signal: AbortSignal): AsyncIterable<SharedEntry>;
  /** Removes the subjects whose names begin so. Nobody reads them any more. @param prefix - Whole words, with a dot at its end. */
  forget(prefix: string): Promise<void>;
}
