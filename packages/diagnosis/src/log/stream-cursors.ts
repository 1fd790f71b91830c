import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { RunReader } from "@loom/artifacts";
import type { LogStream } from "./log-stream.ts";
import { logStreamOf } from "./log-stream.ts";
import type { StreamCursor } from "./merge-streams.ts";

/**
 * The streams of a run that are read, each known by its file: when a job is
 * tried again, the streams of the earlier attempt move, and must be neither
 * read twice nor lost.
 */
export class StreamCursors {
  readonly #run: RunReader;
  readonly #byInode = new Map<number, StreamCursor>();

  constructor(run: RunReader) {
    this.#run = run;
  }

  /**
   * Finds the streams below a directory of the run, and how far each reaches now.
   *
   * Later units are looked at first: when there is a line of one, those before it are complete.
   *
   * @param wanted - Which streams.
   */
  async look(below: string, wanted: (stream: LogStream) => boolean): Promise<readonly StreamCursor[]> {
    const paths = await this.#run.streams(below);
    const streams = (paths.ok ? paths.value : [])
      .map(logStreamOf)
      .filter((stream) => stream !== undefined)
      .filter(wanted)
      .sort((a, b) => b.rank - a.rank);
    const found: StreamCursor[] = [];
    for (const stream of streams) {
      const facts = await stat(join(this.#run.directory, stream.path)).catch(() => undefined);
      if (facts === undefined) continue;
      const cursor = this.#byInode.get(facts.ino) ?? { stream, inode: facts.ino, offset: 0, limit: 0 };
      cursor.stream = stream;
      cursor.limit = facts.size;
      this.#byInode.set(facts.ino, cursor);
      found.push(cursor);
    }
    return found;
  }

  /** Forgets streams that get no further records. */
  forget(cursors: readonly StreamCursor[]): void {
    for (const cursor of cursors) this.#byInode.delete(cursor.inode);
  }
}
