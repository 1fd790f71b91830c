import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RunReader } from "@loom/artifacts";
import type { LoomEvent } from "@loom/core";
import { streamAt, type StreamPlace } from "@loom/record";
import type { StreamCursor } from "./merge-streams.ts";

/** A stream of a run that is followed, by the path of its file. */
export interface PlacedStream<P extends StreamPlace> {
  /** Below the run's directory. */
  readonly path: string;
  readonly place: P;
}

/**
 * The streams of a run that is followed, and how far each was read. They are
 * known by their files: those of earlier attempts move.
 */
export class GrowingStreams<P extends StreamPlace> {
  readonly #run: RunReader;
  readonly #isFollowed: (place: StreamPlace) => place is P;
  readonly #offsets = new Map<number, number>();
  #paths: readonly string[] = [];

  /** @param isFollowed - Which streams are read. */
  constructor(run: RunReader, isFollowed: (place: StreamPlace) => place is P) {
    this.#run = run;
    this.#isFollowed = isFollowed;
  }

  /** The directories in which something happens next. */
  directories(): readonly string[] {
    const latest = this.#paths.slice(-16).map((path) => dirname(path));
    return [...new Set([".", "pipeline", ...latest])].map((path) => join(this.#run.directory, path));
  }

  /** Those with something that was not read yet; how far one reaches is looked up when it is asked for. */
  async *grown(): AsyncGenerator<StreamCursor<PlacedStream<P>>, void, undefined> {
    const listed = await this.#run.streams();
    this.#paths = listed.ok ? listed.value : [];
    for (const path of this.#paths) {
      const place = streamAt(path);
      if (place === undefined || !this.#isFollowed(place)) continue;
      const facts = await stat(join(this.#run.directory, path)).catch(() => undefined);
      if (facts === undefined) continue;
      const { ino: inode, size: limit } = facts;
      const offset = this.#offsets.get(inode) ?? 0;
      if (limit > offset) yield { stream: { path, place }, inode, offset, limit };
    }
  }

  /** Notes that a stream was read up to an offset. */
  readTo({ inode }: { readonly inode: number }, offset: number): void {
    this.#offsets.set(inode, offset);
  }
}

/** The finish of `run.finalize` is the last record of a run. */
export function isRunEnd(event: LoomEvent): boolean {
  return event.event === "phase_finish" && event.phase_code === "run.finalize";
}
