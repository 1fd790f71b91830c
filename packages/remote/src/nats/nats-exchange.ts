import type { Exchange } from "@loom/ports";
import { RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import { connectTo, deniedBy, whereIs, type JetStreamParts } from "./connect.ts";
import { JetStreamBlobs } from "./nats-blobs.ts";
import { JetStreamLeases } from "./nats-leases.ts";
import { JetStreamLog } from "./nats-log.ts";
import type { NatsPlace } from "./nats-place.ts";
import { JetStreamQueue } from "./nats-queue.ts";
import { hasStream, haveStream } from "./streams.ts";

/** An exchange that a NATS server with JetStream keeps. */
export interface NatsExchange extends Exchange {
  /** Leaves the server. Readers end; who waits for work rejects. */
  close(): Promise<void>;
}

const HALF_A_MINUTE_MS = 30_000;
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** For how long the server knows that work was offered. Unit: milliseconds. */
const SAME_WITHIN_MS = 2 * 60 * 1_000;

/** How long to wait on leaving until work that nobody waits for any more is given back. Unit: milliseconds. */
const LEAVES_AFTER_MS = 1_000;

/**
 * Reaches what an engine keeps, over one connection, and makes what is not there.
 *
 * @throws An error that says where, and what is wrong there: no server can be reached, it has no JetStream, it
 *   refuses the credentials, or does not permit something.
 */
export async function openNatsExchange(place: NatsPlace): Promise<NatsExchange> {
  return await connected(place, async (parts, prefix) => await openParts(parts, prefix, place));
}

/**
 * Reaches what an engine keeps, and makes nothing.
 *
 * @returns `undefined` where not all of it is there.
 * @throws As {@link openNatsExchange}.
 */
export async function findNatsExchange(place: NatsPlace): Promise<NatsExchange | undefined> {
  return await connected(place, async (parts, prefix) => {
    const streams = [`${prefix}_RUNS`, `${prefix}_JOBS`, `KV_${prefix}_LEASES`, `OBJ_${prefix}_FILES`];
    const there = await Promise.all(streams.map(async (name) => await hasStream(parts, name)));
    if (there.every(Boolean)) return await openParts(parts, prefix, place);
    await parts.connection.close();
    return undefined;
  });
}

async function connected<T>(
  place: NatsPlace,
  open: (parts: JetStreamParts, prefix: string) => Promise<T>,
): Promise<T> {
  const { prefix = "LOOM" } = place;
  if (!/^[A-Z0-9_-]+$/u.test(prefix))
    throw new Error(`"${prefix}" cannot begin names: it takes capital letters, digits, _ and -`);
  const parts = await connectTo(place);
  try {
    return await open(parts, prefix);
  } catch (cause) {
    await parts.connection.close();
    throw deniedBy(cause, whereIs(place)) ?? cause;
  }
}

async function openParts(
  parts: JetStreamParts,
  prefix: string,
  {
    replicas = 1,
    silentAfterMs = HALF_A_MINUTE_MS,
    leaseTtlMs = HALF_A_MINUTE_MS,
    keptMs = WEEK_MS,
  }: NatsPlace,
): Promise<NatsExchange> {
  const root = prefix.toLowerCase();
  const logNames = { stream: `${prefix}_RUNS`, subjects: `${root}.log.` };
  const queueNames = { stream: `${prefix}_JOBS`, subjects: `${root}.jobs.` };
  // What nobody removes any more, as of a run that was killed, goes some day.
  const kept = { storage: StorageType.File, num_replicas: replicas, max_age: nanos(keptMs) };
  const [leases, blobs] = await Promise.all([
    JetStreamLeases.open(parts, { bucket: `${prefix}_LEASES`, ttlMs: leaseTtlMs, replicas }),
    JetStreamBlobs.open(parts, { bucket: `${prefix}_FILES`, keptMs, replicas }),
    haveStream(parts, { ...kept, name: logNames.stream, subjects: [`${logNames.subjects}>`] }),
    haveStream(parts, {
      ...kept,
      name: queueNames.stream,
      subjects: [`${queueNames.subjects}*`],
      retention: RetentionPolicy.Workqueue,
      duplicate_window: nanos(Math.min(SAME_WITHIN_MS, keptMs)),
    }),
  ]);
  const queue = new JetStreamQueue(parts, queueNames, silentAfterMs);
  return {
    log: new JetStreamLog(parts, logNames),
    queue,
    leases,
    blobs,
    close: async () => {
      await Promise.race([
        queue.settled(),
        new Promise((resolve) => setTimeout(resolve, LEAVES_AFTER_MS).unref()),
      ]);
      await parts.connection.close();
    },
  };
}
