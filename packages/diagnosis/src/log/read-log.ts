import { LineJoiner, PlainOutput, type ReadError, type RunReader } from "@loom/artifacts";
import { err, ok, type Result } from "@loom/core";
import { followLog } from "./follow-log.ts";
import type { FollowOptions } from "./follow-pace.ts";
import { findLogJob } from "./find-log-job.ts";
import { joinOptions, lineFilter, logLine, wantsStream, type PlacedQuery } from "./log-filter.ts";
import type { LogBlock } from "./log-block.ts";
import { logStreamOf } from "./log-stream.ts";
import type { LogLine, LogQuery } from "./log-line.ts";
import { mergeChunks, type RecordRun } from "./merge-chunks.ts";
import { recordFilter } from "./record-filter.ts";
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
  const blocks = await readLogBlocks(run, options);
  return blocks.ok ? ok(linesOf(blocks.value)) : blocks;
}

/**
 * Reads the same lines as `readLog`, for whoever only passes them on: in
 * blocks, each valid only until the next ones are asked for, and not decoded
 * where that is not needed.
 */
export async function readLogBlocks(
  run: RunReader,
  options: ReadLogOptions = {},
): Promise<Result<AsyncIterable<readonly LogBlock[]>, ReadError>> {
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
  if (follow !== undefined) return ok(blocksOf(followLog(run, query, follow)));
  if (options.tail !== undefined) return ok(blocksOf(lastLines(run, query, options.tail)));
  return ok(allBlocks(run, query));
}

async function* linesOf(all: AsyncIterable<readonly LogBlock[]>): AsyncGenerator<LogLine, void, undefined> {
  for await (const blocks of all) {
    for (const { jobId, unit, lines } of blocks) {
      for (const line of lines)
        yield line instanceof PlainOutput ? logLine({ jobId, unit }, line.toEvent()) : line;
    }
  }
}

async function* blocksOf(
  lines: AsyncIterable<LogLine>,
): AsyncGenerator<readonly LogBlock[], void, undefined> {
  for await (const line of lines) yield [{ jobId: line.jobId, unit: line.unit, lines: [line] }];
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

async function* allBlocks(
  run: RunReader,
  query: PlacedQuery,
): AsyncGenerator<readonly LogBlock[], void, undefined> {
  const wanted = lineFilter(query);
  const cursors = await new StreamCursors(run).look(logsDirectoryOf(query), (stream) =>
    wantsStream(query, stream),
  );
  const joiner = new LineJoiner(joinOptions(query));
  const blockOf = ({ cursor, records }: RecordRun): LogBlock => {
    const { stream, inode } = cursor;
    const lines: (LogLine | PlainOutput)[] = [];
    for (const record of records) {
      if (record instanceof PlainOutput) lines.push(record);
      else
        for (const event of joiner.push(inode, record)) if (wanted(event)) lines.push(logLine(stream, event));
    }
    return { jobId: stream.jobId, unit: stream.unit, lines };
  };
  for await (const runs of mergeChunks(run.directory, cursors, () => recordFilter(query)))
    yield runs.map(blockOf);
  // Of units that never closed: their run goes on, or was cut off.
  const rest = cursors.flatMap(({ stream, inode }) => joiner.end(inode).map((event) => ({ stream, event })));
  for (const { stream, event } of rest.sort((a, b) => a.event.seq - b.event.seq)) {
    if (wanted(event)) yield [{ jobId: stream.jobId, unit: stream.unit, lines: [logLine(stream, event)] }];
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
