import { PatternAutomaton } from "./pattern-automaton.ts";
import { RedactedStream, type RedactionTable } from "./redacted-stream.ts";
import { SkipTable } from "./skip-table.ts";
import { isRedactable, MIN_LENGTH } from "./value-length.ts";
import { valueForms } from "./value-forms.ts";

/** One stream of output, on its way through a redactor. */
export interface RedactorStream {
  /**
   * Takes the next bytes, cut anywhere.
   *
   * @returns What can be passed on by now: all but the last bytes that could begin a secret. It may be the chunk, or
   *   share its memory: write it or copy it before the chunk is used for something else.
   */
  push(chunk: Uint8Array): Uint8Array;
  /** @returns What was held back, as no more bytes come. */
  end(): Uint8Array;
}

/** Puts `[REDACTED:SECRET_<NAME>]` in the place of secrets. */
export interface Redactor {
  /** A new stream; each pipe has its own. */
  stream(): RedactorStream;
  /** A whole text, such as a message. */
  text(text: string): string;
}

/** Without secrets everything stays as it is. */
const IDLE: Redactor = {
  stream: () => ({ push: (chunk) => chunk, end: () => new Uint8Array(0) }),
  text: (text) => text,
};

/**
 * Makes what hides secrets in output, in each form that they are likely to be printed in.
 *
 * Secrets that overlap are hidden together, with the name of the one that begins first; of those the longest; of equal
 * ones the first in `values`.
 *
 * @param values - Names and values, as in a map; several values may have one name. Of at least four characters each,
 *   blanks around them not counted.
 * @throws {RangeError} For a shorter value, naming it; `openSecrets` gives none.
 */
export function createRedactor(values: Iterable<readonly [name: string, value: string]>): Redactor {
  const pairs = [...values];
  if (pairs.length === 0) return IDLE;
  const table = tableOf(pairs);
  return {
    stream: () => new RedactedStream(table),
    text: (text) => redactText(table, text),
  };
}

function tableOf(values: readonly (readonly [name: string, value: string])[]): RedactionTable {
  const patterns: Uint8Array[] = [];
  const markers: Uint8Array[] = [];
  for (const [name, value] of values) {
    if (!isRedactable(value))
      throw new RangeError(`The value of secret ${name} is shorter than ${MIN_LENGTH} characters`);
    const marker = Buffer.from(`[REDACTED:SECRET_${name}]`);
    for (const form of valueForms(value)) {
      patterns.push(Buffer.from(form));
      markers.push(marker);
    }
  }
  return { automaton: new PatternAutomaton(patterns), skips: new SkipTable(patterns), markers };
}

function redactText(table: RedactionTable, text: string): string {
  const bytes = Buffer.from(text);
  const stream = new RedactedStream(table);
  const redacted = Buffer.concat([stream.push(bytes), stream.end()]);
  // What is not Unicode stays as it is, where nothing is hidden.
  return redacted.equals(bytes) ? text : redacted.toString();
}
