/** One entry of a log: who wrote it, and messages in their order. */
export interface Envelope<T> {
  /** Which of several writers of a subject it is from. */
  readonly writer: string;
  readonly messages: readonly T[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes something as the data of an entry. */
export function encodeMessage(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** Reads what {@link encodeMessage} wrote. Both ends are of one version: who may write there is trusted. */
export function decodeMessage<T>(data: Uint8Array): T {
  return JSON.parse(decoder.decode(data)) as T;
}
