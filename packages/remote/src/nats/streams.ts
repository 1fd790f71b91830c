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
import { nanos, TimeoutError } from "@nats-io/transport-node";
import type { JetStreamParts } from "./connect.ts";

/** How long the server keeps what a reader was told after nobody has asked for it any more. Unit: milliseconds. */
const FORGOTTEN_AFTER_MS = 30_000;

/** How long to wait for the next of the messages that there are. Unit: milliseconds. */
const NEXT_AFTER_MS = 5_000;

/** How often a reader is asked for. Where one of three servers is gone, and not yet known to be, each try fails once in three times. */
const TRIES = 10;

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

/** A reader of a subject. To be forgotten by who asked for it. */
export interface SubjectReader {
  readonly consumer: Consumer;
  /** How many messages there are for it. */
  readonly count: number;
  /** Has the server forget it, now or soon. */
  forget(): Promise<void>;
}

/**
 * Opens a reader.
 *
 * It has a name, as only then the subject with which it is asked for tells what it reads, and a permission can say so.
 *
 * @param after - The place in the stream after which it begins. Default: it begins with the first message.
 */
export async function openReader(
  { hasty, client }: JetStreamParts,
  stream: string,
  subject: string,
  after = 0,
): Promise<SubjectReader> {
  const config = {
    filter_subject: subject,
    ...(after === 0
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: after + 1 }),
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
    mem_storage: true,
  };
  for (let tried = 1; ; tried += 1)
    try {
      const info = await hasty.consumers.add(stream, { ...config, name: randomUUID() });
      return {
        consumer: client.consumers.getConsumerFromInfo(info),
        count: info.num_pending,
        forget: async () => void (await hasty.consumers.delete(stream, info.name).catch(() => undefined)),
      };
    } catch (cause) {
      // Of several servers, one is picked for it that may be gone. For another name, another one may be picked.
      if (!(cause instanceof TimeoutError) || tried === TRIES) throw cause;
    }
}

/** The messages of a reader that were there when it was opened; fewer when some are gone meanwhile. @param atOnce - How many come before they are asked for. */
export async function* messagesOf(
  { consumer, count }: SubjectReader,
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
