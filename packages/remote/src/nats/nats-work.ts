import type { TakenWork } from "@loom/ports";
import type { Msg, NatsConnection } from "@nats-io/transport-node";

/** How long to wait until the server has heard a word. Unit: milliseconds. */
const HEARD_WITHIN_MS = 5_000;

/** A message that is acknowledged by whoever works on it. Each word waits until the server has heard it. */
export class JetStreamWork implements TakenWork {
  readonly data: Uint8Array;
  readonly earlierTakers: number;
  readonly silentAfterMs: number;
  readonly #connection: NatsConnection;
  readonly #reply: string;
  #lastWordMs = Date.now();

  constructor(connection: NatsConnection, { data, reply = "" }: Msg, silentAfterMs: number) {
    this.data = data;
    this.earlierTakers = deliveriesOf(reply) - 1;
    this.#connection = connection;
    this.#reply = reply;
    this.silentAfterMs = silentAfterMs;
  }

  async keep(): Promise<void> {
    const nowMs = Date.now();
    await this.#say("+WPI");
    this.#lastWordMs = nowMs;
  }

  async finish(): Promise<void> {
    await this.#say("+ACK");
  }

  async giveBack(): Promise<void> {
    // Another one has it by now, and the server would take it away from that one.
    if (Date.now() - this.#lastWordMs >= this.silentAfterMs) return;
    await this.#say("-NAK");
  }

  async #say(word: string): Promise<void> {
    await this.#connection.request(this.#reply, word, { timeout: HEARD_WITHIN_MS });
  }
}

/** How often a message was given to somebody, as the subject has it to which the answer goes: `$JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.TIMES…`. */
function deliveriesOf(reply: string): number {
  const words = reply.split(".");
  return Number(words[words.length > 9 ? 6 : 4]);
}
