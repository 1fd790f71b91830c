import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readStreamRange, type RunReader } from "@loom/artifacts";
import type { RecordedEvent } from "@loom/core";
import { recordedAt, streamAt, type StreamPlace } from "@loom/record";
import { FollowPace, type FollowOptions } from "./follow-pace.ts";

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
  const streams = new GrowingStreams(run);
  const pace = new FollowPace(options);
  let isGone = false;
  const isAborted = (): boolean => options.signal?.aborted === true;
  while (!isAborted()) {
    const news = await streams.look();
    for (const recorded of news) {
      yield recorded;
      if (isAborted() || isEnd(recorded)) return;
    }
    // What the process wrote last was there before it was gone, and has been read.
    if (isGone) return;
    isGone = await pace.isGone(news.length > 0);
    if (!isGone) await pace.wait(() => streams.directories(), news.length > 0);
  }
}

/** The finish of `run.finalize` is the last record of a run. */
function isEnd({ record }: RecordedEvent): boolean {
  return record.event === "phase_finish" && record.phase_code === "run.finalize";
}

/** The streams of a run and how far each was read, known by their files: those of earlier attempts move. */
class GrowingStreams {
  readonly #run: RunReader;
  readonly #offsets = new Map<number, number>();
  #paths: readonly string[] = [];

  constructor(run: RunReader) {
    this.#run = run;
  }

  /** The directories in which something happens next. */
  directories(): readonly string[] {
    const latest = this.#paths.slice(-16).map((path) => dirname(path));
    return [...new Set([".", "pipeline", ...latest])].map((path) => join(this.#run.directory, path));
  }

  /** What has come since the last look, in the order of `seq`. */
  async look(): Promise<readonly RecordedEvent[]> {
    const listed = await this.#run.streams();
    this.#paths = listed.ok ? listed.value : [];
    const news: RecordedEvent[] = [];
    for (const path of this.#paths) {
      const place = streamAt(path);
      if (place !== undefined && isToFollow(place)) news.push(...(await this.#since(path, place)));
    }
    return news.sort((a, b) => a.record.seq - b.record.seq);
  }

  async #since(path: string, place: StreamPlace): Promise<readonly RecordedEvent[]> {
    const file = join(this.#run.directory, path);
    const facts = await stat(file).catch(() => undefined);
    if (facts === undefined) return [];
    const start = this.#offsets.get(facts.ino) ?? 0;
    const news: RecordedEvent[] = [];
    if (facts.size <= start) return news;
    for await (const { event, nextOffset } of readStreamRange(file, { start, end: facts.size })) {
      this.#offsets.set(facts.ino, nextOffset);
      const recorded = recordedAt(place, event);
      if (recorded !== undefined) news.push(recorded);
    }
    return news;
  }
}

/** Steps are followed by their mirror: their own streams are as long as what they print. */
function isToFollow(place: StreamPlace): boolean {
  return place.kind === "mirror" || place.stream.kind !== "step";
}
