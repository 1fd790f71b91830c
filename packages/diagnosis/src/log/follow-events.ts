import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RunReader } from "@loom/artifacts";
import type { LoomEvent, StreamRef } from "@loom/core";
import { streamAt } from "@loom/record";
import { FollowPace, type FollowOptions } from "./follow-pace.ts";
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

interface EventStream {
  readonly path: string;
  readonly ref: StreamRef;
}

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
  const streams = new EventStreams(run);
  let next = 1;
  let quietLooks = 0;
  let isGone = false;
  while (!isAborted()) {
    const isPatient = quietLooks < PATIENCE && !isGone;
    let hasNews = false;
    for await (const { stream, event } of streams.since(next, isPatient)) {
      next = event.seq + 1;
      hasNews = true;
      if (event.seq >= from) yield { stream, event };
      if (isAborted() || isEnd(event)) return;
    }
    if (isGone) return;
    quietLooks = hasNews ? 0 : quietLooks + 1;
    isGone = await pace.isGone(hasNews);
    if (!isGone) await pace.wait(() => streams.directories(), hasNews);
  }
}

/** The finish of `run.finalize` is the last record of a run. */
function isEnd(event: LoomEvent): boolean {
  return event.event === "phase_finish" && event.phase_code === "run.finalize";
}

/** The streams of a run and how far each was read, known by their files: those of earlier attempts move. */
class EventStreams {
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

  /**
   * The records that are on disk now, from one on.
   *
   * @param next - The `seq` that comes next.
   * @param isPatient - Whether to stop where a record is missing, to go on there at the next look.
   */
  async *since(next: number, isPatient: boolean): AsyncGenerator<FollowedEvent, void, undefined> {
    let expected = next;
    for await (const { cursor, record } of mergeStreams(this.#run.directory, await this.#cursors())) {
      const { event, nextOffset } = record;
      if (isPatient && event.seq > expected) return;
      expected = event.seq + 1;
      this.#offsets.set(cursor.inode, nextOffset);
      yield { stream: cursor.stream.ref, event };
    }
  }

  async #cursors(): Promise<readonly StreamCursor<EventStream>[]> {
    const listed = await this.#run.streams();
    this.#paths = listed.ok ? listed.value : [];
    const cursors: StreamCursor<EventStream>[] = [];
    for (const path of this.#paths) {
      const place = streamAt(path);
      // A mirror repeats what other streams hold.
      if (place?.kind !== "stream") continue;
      const facts = await stat(join(this.#run.directory, path)).catch(() => undefined);
      if (facts === undefined) continue;
      const offset = this.#offsets.get(facts.ino) ?? 0;
      const stream = { path, ref: place.stream };
      if (facts.size > offset) cursors.push({ stream, inode: facts.ino, offset, limit: facts.size });
    }
    return cursors;
  }
}
