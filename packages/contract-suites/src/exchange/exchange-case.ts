import type { Exchange } from "@loom/ports";

/** What the contract of an exchange is tried with. */
export interface ExchangeUnderTest {
  readonly exchange: Exchange;
  /** A second way to the same exchange, as another machine has it. */
  readonly other: Exchange;
  /** Nobody has used it. Names of pools, keys and contents begin with it. Letters, digits, `_` and `-`. */
  readonly word: string;
  /** Lets time pass, on the clock of whoever keeps the exchange. @param ms - Milliseconds. */
  readonly passes: (ms: number) => Promise<void>;
  /** Gives back what was made for a case. */
  readonly close: () => Promise<void>;
}

/** What is demanded, as a sentence, and how to try it. */
export type ExchangeCase = readonly [name: string, tryIt: (tried: ExchangeUnderTest) => Promise<void>];

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOfBytes(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}
