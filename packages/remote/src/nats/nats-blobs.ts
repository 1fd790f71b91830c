import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BlobStore } from "@loom/ports";
import { StorageType } from "@nats-io/jetstream";
import { Objm, type ObjectInfo, type ObjectStore } from "@nats-io/obj";
import { millis, nanos } from "@nats-io/transport-node";
import type { JetStreamParts } from "./connect.ts";
import { messagesOf, openReader } from "./streams.ts";

/** How much of a content is in one message, of which one is sent at a time. Unit: bytes; at most the server's limit, 1 MB where nobody changed it. */
const CHUNK_BYTES = 512 * 1_024;

/** How many of them come at once. */
const AT_ONCE = 8;

/** How to make a bucket that is not there. */
export interface BlobBucket {
  readonly bucket: string;
  readonly keptMs: number;
  readonly replicas: number;
}

/** Contents in a bucket for objects, each in chunks. */
export class JetStreamBlobs implements BlobStore {
  readonly #parts: JetStreamParts;
  readonly #objects: ObjectStore;
  readonly #bucket: string;
  /** From when on a content is as good as gone. 0: never. */
  readonly #oldAfterMs: number;

  private constructor(parts: JetStreamParts, objects: ObjectStore, bucket: string, oldAfterMs: number) {
    this.#parts = parts;
    this.#objects = objects;
    this.#bucket = bucket;
    this.#oldAfterMs = oldAfterMs;
  }

  static async open(
    parts: JetStreamParts,
    { bucket, keptMs, replicas }: BlobBucket,
  ): Promise<JetStreamBlobs> {
    const objects = await new Objm(parts.client).create(bucket, {
      ttl: nanos(keptMs),
      replicas,
      storage: StorageType.File,
    });
    const { ttl } = await objects.status();
    return new JetStreamBlobs(parts, objects, bucket, millis(ttl) / 2);
  }

  /** Of one in the second half of its time, false: it is put again, and is there as long as it is needed. */
  async has(name: string): Promise<boolean> {
    const found = await this.#find(name);
    if (found === undefined) return false;
    return this.#oldAfterMs === 0 || Date.now() - Date.parse(found.mtime) < this.#oldAfterMs;
  }

  async put(name: string, path: string): Promise<void> {
    const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
    try {
      await this.#objects.put({ name, options: { max_chunk_size: CHUNK_BYTES } }, Readable.toWeb(file));
    } finally {
      file.destroy();
    }
  }

  async get(name: string, path: string): Promise<boolean> {
    for (let found = await this.#find(name); found !== undefined;) {
      const arrived = await this.#write(found, path);
      if (arrived === "whole") return true;
      const again = await this.#find(name);
      // Where it was put again meanwhile, its chunks were replaced.
      if (again?.nuid === found.nuid) {
        if (arrived === "too old") return false;
        throw new Error(`"${name}" did not arrive whole`);
      }
      found = again;
    }
    return false;
  }

  async remove(name: string): Promise<void> {
    if ((await this.#find(name)) !== undefined) await this.#objects.delete(name);
  }

  async #find(name: string): Promise<ObjectInfo | undefined> {
    const found = await this.#objects.info(name);
    return found === null || found.deleted ? undefined : found;
  }

  /**
   * Writes what the chunks of an object hold.
   *
   * Without `get` of the client, which holds in memory what the disk does not take, and waits for ever for a chunk that is gone.
   */
  async #write({ nuid, chunks, digest }: ObjectInfo, path: string): Promise<"whole" | "too old" | "damaged"> {
    const bucket = this.#bucket;
    const reader = await openReader(this.#parts, `OBJ_${bucket}`, `$O.${bucket}.C.${nuid}`);
    const unfinished = `${path}.${randomUUID()}.part`;
    try {
      if (reader.count < chunks) return "too old";
      const hash = createHash("sha256");
      await pipeline(
        async function* () {
          for await (const { data } of messagesOf(reader, AT_ONCE)) {
            hash.update(data);
            yield data;
          }
        },
        createWriteStream(unfinished, { flags: "wx" }),
      );
      if (digest.replace(/=*$/u, "") !== `SHA-256=${hash.digest("base64url")}`) return "damaged";
      await rename(unfinished, path);
      return "whole";
    } finally {
      await reader.forget();
      await rm(unfinished, { force: true });
    }
  }
}
