import { join } from "node:path";
import { readStreamRange, type RunReader } from "@loom/artifacts";
import type { RecordedEvent } from "@loom/core";
import { recordedAt, type StreamPlace } from "@loom/record";
import { FollowPace, type FollowOptions } from "./follow-pace.ts";
import { GrowingStreams, isRunEnd } from "./growing-streams.ts";

/**
 * Follows what happens in a run, of this or another process: all records but
 * output, from the first on, until the run is over, its process is gone, or the
 * signal aborts. None is lost and none comes twice.
 *
 * Those of one stream come in their exact order; those of several in the order
 * in which they reach the disk, by `seq` where they come together. Damaged
 * records are passed over.
 */
export async function* followRecords(
  run: RunReader,
  options: FollowOptions = {},
): AsyncGenerator<RecordedEvent, void, undefined> {
  const streams = new GrowingStreams(run, isToFollow);
  const pace = new FollowPace(options);
  let isGone = false;
  const isAborted = (): boolean => options.signal?.aborted === true;
  while (!isAborted()) {
    const news = await newRecords(run, streams);
    for (const recorded of news) {
      yield recorded;
      if (isAborted() || isRunEnd(recorded.record)) return;
    }
    // What the process wrote last was there before it was gone, and has been read.
    if (isGone) return;
    isGone = await pace.isGone(news.length > 0);
    if (!isGone) await pace.wait(() => streams.directories(), news.length > 0);
  }
}

/** What has come since the last look, in the order of `seq`. */
async function newRecords(
  run: RunReader,
  streams: GrowingStreams<StreamPlace>,
): Promise<readonly RecordedEvent[]> {
  const news: RecordedEvent[] = [];
  for await (const cursor of streams.grown()) {
    const { stream, offset: start, limit: end } = cursor;
    for await (const { event, nextOffset } of readStreamRange(join(run.directory, stream.path), {
      start,
      end,
    })) {
      streams.readTo(cursor, nextOffset);
      const recorded = recordedAt(stream.place, event);
      if (recorded !== undefined) news.push(recorded);
    }
  }
  return news.sort((a, b) => a.record.seq - b.record.seq);
}

/** Steps are followed by their mirror: their own streams are as long as what they print. */
function isToFollow(place: StreamPlace): place is StreamPlace {
  return place.kind === "mirror" || place.stream.kind !== "step";
}
