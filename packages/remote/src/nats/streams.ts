import { randomUUID } from "node:crypto";
import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type Consumer,
  type JsMsg,
  type StreamConfig,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { JetStreamParts } from "./connect.ts";

/** How long the server keeps what a reader was told after nobody has asked for it any more. Unit: milliseconds. */
const FORGOTTEN_AFTER_MS = 30_000;

/** How long to wait for the next of the messages that there are. Unit: milliseconds. */
const NEXT_AFTER_MS = 5_000;

/** The server's code for a stream that is there already, made in another way. */
const STREAM_IS_OTHER = 10_058;

/** Makes a stream where it is not there. Who finds it there needs no permission to make it. */
export async function haveStream(
  parts: JetStreamParts,
  config: Partial<StreamConfig> & { readonly name: string },
): Promise<void> {
  if (await hasStream(parts, config.name)) return;
  try {
    await parts.manager.streams.add(config);
  } catch (cause) {
    // Somebody else made it meanwhile.
    if (!(cause instanceof JetStreamApiError && cause.code === STREAM_IS_OTHER)) throw cause;
  }
}

/** Whether a stream is there. */
export async function hasStream({ manager }: JetStreamParts, name: string): Promise<boolean> {
  try {
    await manager.streams.info(name);
    return true;
  } catch (cause) {
    if (cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.StreamNotFound) return false;
    throw cause;
  }
}

/**
 * A reader of a subject from its first message on, and how many there are. To be deleted by who asked for it.
 *
 * It has a name, as only then the subject with which it is asked for tells what it reads, and a permission can say so.
 */
export async function openReader(
  { manager, client }: JetStreamParts,
  stream: string,
  subject: string,
): Promise<{ readonly consumer: Consumer; readonly count: number }> {
  const { name, num_pending: count } = await manager.consumers.add(stream, {
    name: randomUUID(),
    filter_subject: subject,
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
    mem_storage: true,
  });
  return { consumer: await client.consumers.get(stream, name), count };
}

/** The messages of a reader that were there when it was opened; fewer when some are gone meanwhile. @param atOnce - How many come before they are asked for. */
export async function* messagesOf(
  { consumer, count }: Awaited<ReturnType<typeof openReader>>,
  atOnce: number,
): AsyncGenerator<JsMsg, void> {
  for (let left = count; left > 0;) {
    const before = left;
    for await (const message of await consumer.fetch({
      max_messages: Math.min(left, atOnce),
      expires: NEXT_AFTER_MS,
    })) {
      left -= 1;
      yield message;
    }
    if (left === before) return;
  }
}

/** Has the server forget a reader, now or soon. */
export async function forget(consumer: Consumer): Promise<void> {
  await consumer.delete().catch(() => undefined);
}
