import { LineJoiner, type ReadError, type RunReader } from "@loom/artifacts";
import { err, ok, type Result } from "@loom/core";
import { followLog } from "./follow-log.ts";
import type { FollowOptions } from "./follow-pace.ts";
import { findLogJob } from "./find-log-job.ts";
import {
  bytesFilter,
  joinOptions,
  lineFilter,
  logLine,
  wantsStream,
  type PlacedQuery,
} from "./log-filter.ts";
import { logStreamOf } from "./log-stream.ts";
import type { LogLine, LogQuery } from "./log-line.ts";
import { mergeStreams } from "./merge-streams.ts";
import { StreamCursors } from "./stream-cursors.ts";
import { tailLog } from "./tail-log.ts";

/** What to read of a run, and whether to go on while it does. */
export interface ReadLogOptions extends LogQuery {
  /** Goes on with what a run under way, of this or another process, still prints. Default: no. */
  readonly follow?: FollowOptions | undefined;
}

/**
 * Reads the lines of a run in the order in which they were printed.
 *
 * Lazy: nothing more is read than is asked for, so a slow reader holds nothing
 * in memory. Damaged records are passed over. Lines of earlier attempts come
 * too. Followed lines of jobs that run side by side come in the order in which
 * they reach the disk, at most 50 ms apart; those of one job in their exact order.
 *
 * @returns `ARTIFACTS_NOT_FOUND` for a job, step or attempt that the run does not have.
 */
export async function readLog(
  run: RunReader,
  options: ReadLogOptions = {},
): Promise<Result<AsyncIterable<LogLine>, ReadError>> {
  const { job, step, attempt, follow } = options;
  if (job !== undefined) {
    const found = await findLogJob(run, job, step);
    if (!found.ok) return err(found.error);
  }
  const lastAttempt =
    attempt === undefined ? undefined : await readLastAttempt(run, logsDirectoryOf(options));
  if (attempt !== undefined && lastAttempt !== undefined && attempt > lastAttempt) {
    const count = lastAttempt === 1 ? "1 attempt" : `${lastAttempt} attempts`;
    const message = `Cannot read the log of attempt ${attempt}: job "${job ?? ""}" had ${count}`;
    return err({ code: "ARTIFACTS_NOT_FOUND", message, path: run.directory });
  }
  const query = { ...options, lastAttempt };
  if (follow !== undefined) return ok(followLog(run, query, follow));
  if (options.tail !== undefined) return ok(lastLines(run, query, options.tail));
  return ok(allLines(run, query));
}

/** The number of the attempt that none has replaced, of the job whose streams lie there. */
async function readLastAttempt(run: RunReader, below: string): Promise<number> {
  const paths = await run.streams(below);
  const replaced = (paths.ok ? paths.value : []).flatMap((path) => {
    const unit = logStreamOf(path)?.unit;
    return unit?.kind === "step" && unit.attempt !== undefined ? [unit.attempt] : [];
  });
  return 1 + Math.max(0, ...replaced);
}

async function* allLines(run: RunReader, query: PlacedQuery): AsyncGenerator<LogLine, void, undefined> {
  const wanted = lineFilter(query);
  const cursors = await new StreamCursors(run).look(logsDirectoryOf(query), (stream) =>
    wantsStream(query, stream),
  );
  const joiner = new LineJoiner(joinOptions(query));
  for await (const { cursor, record } of mergeStreams(run.directory, cursors, () => bytesFilter(query))) {
    for (const event of joiner.push(cursor.inode, record.event)) {
      if (wanted(event)) yield logLine(cursor.stream, event);
    }
  }
  // Of units that never closed: their run goes on, or was cut off.
  const rest = cursors.flatMap(({ stream, inode }) => joiner.end(inode).map((event) => ({ stream, event })));
  for (const { stream, event } of rest.sort((a, b) => a.event.seq - b.event.seq)) {
    if (wanted(event)) yield logLine(stream, event);
  }
}

async function* lastLines(
  run: RunReader,
  query: PlacedQuery,
  count: number,
): AsyncGenerator<LogLine, void, undefined> {
  const cursors = await new StreamCursors(run).look(logsDirectoryOf(query), (stream) =>
    wantsStream(query, stream),
  );
  yield* await tailLog(run, query, { cursors, count });
}

/** Where the streams asked for lie. */
export function logsDirectoryOf({ job }: LogQuery): string {
  return job === undefined ? "jobs" : `jobs/${job}`;
}
