import type { RunReader } from "@loom/artifacts";
import type { LoomEvent } from "@loom/core";
import type { LogStream } from "./log-stream.ts";
import { mergeStreams } from "./merge-streams.ts";
import { StreamCursors } from "./stream-cursors.ts";

/** A record of a job, and where it is. */
export interface PlacedRecord {
  readonly event: LoomEvent;
  /** The same object for all records of a file. */
  readonly file: PlacedFile;
  /** Offset of its first byte; damaged records before it are passed over, and may be included. */
  readonly start: number;
  /** Offset behind its newline. */
  readonly end: number;
}

/** A file of records. */
export interface PlacedFile {
  /** Identifies it: its path changes. */
  readonly inode: number;
  /** The stream by its path at the last look: that of an earlier attempt moves. */
  readonly stream: Pick<LogStream, "path" | "jobId">;
}

/**
 * Reads the records of all jobs of a run in the order of `readLog`, with their places, for whoever comes back to them
 * later rather than keep them.
 */
export class PlacedRecords {
  readonly #run: RunReader;
  readonly #cursors: StreamCursors;

  constructor(run: RunReader) {
    this.#run = run;
    this.#cursors = new StreamCursors(run);
  }

  /**
   * The records that were written since the last call, up to now. None is lost and none comes twice, also when the
   * caller stops early.
   */
  async *unread(): AsyncGenerator<PlacedRecord, void, undefined> {
    const cursors = await this.#cursors.look("jobs", () => true);
    const starts = new Map(cursors.map(({ inode, offset }) => [inode, offset]));
    for await (const { cursor, record } of mergeStreams(this.#run.directory, cursors)) {
      const { event, nextOffset: end } = record;
      const start = starts.get(cursor.inode) ?? 0;
      starts.set(cursor.inode, end);
      yield { event, file: cursor, start, end };
    }
  }
}
