import type { Leases } from "@loom/ports";
import { StorageType } from "@nats-io/jetstream";
import { Kvm, type KV } from "@nats-io/kv";
import type { JetStreamParts } from "./connect.ts";
import { messagesOf, openReader } from "./streams.ts";

/** How many leases come at once. */
const AT_ONCE = 256;

/** Header of a message that says that there is no value any more. */
const OPERATION = "KV-Operation";

/** How to make a bucket that is not there. */
export interface LeaseBucket {
  readonly bucket: string;
  readonly ttlMs: number;
  readonly replicas: number;
}

/** Leases in a bucket for values by key, where what is not written again is gone after some time. */
export class JetStreamLeases implements Leases {
  readonly ttlMs: number;
  readonly #parts: JetStreamParts;
  readonly #values: KV;
  readonly #bucket: string;

  private constructor(parts: JetStreamParts, values: KV, { bucket, ttlMs }: LeaseBucket) {
    this.#parts = parts;
    this.#values = values;
    this.#bucket = bucket;
    this.ttlMs = ttlMs;
  }

  static async open(
    parts: JetStreamParts,
    { bucket, ttlMs, replicas }: LeaseBucket,
  ): Promise<JetStreamLeases> {
    const values = await new Kvm(parts.client).create(bucket, {
      ttl: ttlMs,
      history: 1,
      replicas,
      storage: StorageType.File,
    });
    const { ttl } = await values.status();
    return new JetStreamLeases(parts, values, { bucket, ttlMs: ttl, replicas });
  }

  async hold(key: string, value: Uint8Array): Promise<void> {
    await this.#values.put(key, value);
  }

  async release(key: string): Promise<void> {
    await this.#values.delete(key);
  }

  async list(prefix: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const subjects = `$KV.${this.#bucket}.`;
    const reader = await openReader(this.#parts, `KV_${this.#bucket}`, `${subjects}${prefix}>`);
    const found: [string, Uint8Array][] = [];
    let left = reader.count;
    try {
      for await (const { subject, headers, data } of messagesOf(reader, AT_ONCE)) {
        left -= 1;
        if (headers?.get(OPERATION) === undefined || headers.get(OPERATION) === "")
          found.push([subject.slice(subjects.length), data]);
      }
    } finally {
      await reader.forget();
    }
    // Who is not in the list counts as gone.
    if (left > 0) throw new Error("NATS does not give all leases");
    return new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}
