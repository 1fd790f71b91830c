/** One entry of a log: who wrote it, and messages in their order. */
export interface Envelope<T> {
  /** Which of several writers of a subject it is from. */
  readonly writer: string;
  readonly messages: readonly T[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes messages as the data of an entry. */
export function encodeEnvelope<T>(envelope: Envelope<T>): Uint8Array {
  return encoder.encode(JSON.stringify(envelope));
}

/** Reads what {@link encodeEnvelope} wrote. Both ends are of one version: who may write there is trusted. */
export function decodeEnvelope<T>(data: Uint8Array): Envelope<T> {
  return JSON.parse(decoder.decode(data)) as Envelope<T>;
}
