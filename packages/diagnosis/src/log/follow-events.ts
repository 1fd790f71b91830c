import type { RunReader } from "@loom/artifacts";
import type { LoomEvent, StreamRef } from "@loom/core";
import type { StreamPlace } from "@loom/record";
import { FollowPace, type FollowOptions } from "./follow-pace.ts";
import { GrowingStreams, isRunEnd, type PlacedStream } from "./growing-streams.ts";
import { mergeStreams, type StreamCursor } from "./merge-streams.ts";

/** A record with the stream that it was read from. */
export interface FollowedEvent {
  readonly stream: StreamRef;
  readonly event: LoomEvent;
}

/** Where to begin, and when to stop. */
export interface FollowEventsOptions extends FollowOptions {
  /** The first `seq` that is wanted. Default: 1. */
  readonly from?: number | undefined;
}

/** Looks without news after which a record that is missing is given up. */
const PATIENCE = 10;

type EventPlace = StreamPlace & { readonly kind: "stream" };
type EventCursor = StreamCursor<PlacedStream<EventPlace>>;

/**
 * Follows every record of a run, output included, in the order of `seq`, until
 * the run is over, its process is gone, or the signal aborts.
 *
 * A record that has not reached the disk holds back those behind it. One that
 * does not come, as in damaged evidence, is passed over after a while. Memory:
 * one chunk for each job at work.
 */
export async function* followEvents(
  run: RunReader,
  options: FollowEventsOptions = {},
): AsyncGenerator<FollowedEvent, void, undefined> {
  const { from = 1, signal } = options;
  const isAborted = (): boolean => signal?.aborted === true;
  const pace = new FollowPace(options);
  const streams = new GrowingStreams(run, isNoMirror);
  let next = 1;
  let quietLooks = 0;
  let isGone = false;
  while (!isAborted()) {
    const isPatient = quietLooks < PATIENCE && !isGone;
    let hasNews = false;
    for await (const { stream, event } of recordsSince(run, streams, next, isPatient)) {
      next = event.seq + 1;
      hasNews = true;
      if (event.seq >= from) yield { stream, event };
      if (isAborted() || isRunEnd(event)) return;
    }
    if (isGone) return;
    quietLooks = hasNews ? 0 : quietLooks + 1;
    isGone = await pace.isGone(hasNews);
    if (!isGone) await pace.wait(() => streams.directories(), hasNews);
  }
}

/** A mirror repeats what other streams hold. */
function isNoMirror(place: StreamPlace): place is EventPlace {
  return place.kind === "stream";
}

/**
 * The records that are on disk now, from one on.
 *
 * @param next - The `seq` that comes next.
 * @param isPatient - Whether to stop where a record is missing, to go on there at the next look.
 */
async function* recordsSince(
  run: RunReader,
  streams: GrowingStreams<EventPlace>,
  next: number,
  isPatient: boolean,
): AsyncGenerator<FollowedEvent, void, undefined> {
  const cursors: EventCursor[] = [];
  for await (const cursor of streams.grown()) cursors.push(cursor);
  let expected = next;
  for await (const { cursor, record } of mergeStreams(run.directory, cursors)) {
    const { event, nextOffset } = record;
    if (isPatient && event.seq > expected) return;
    expected = event.seq + 1;
    streams.readTo(cursor, nextOffset);
    yield { stream: cursor.stream.place.stream, event };
  }
}
