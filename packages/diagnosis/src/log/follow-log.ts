import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LineJoiner, readStreamRange, type RunReader } from "@loom/artifacts";
import { isTerminal, type JobId, type LoomEvent } from "@loom/core";
import { FollowPace, type FollowOptions } from "./follow-pace.ts";
import { joinOptions, lineFilter, logLine, wantsStream, type PlacedQuery } from "./log-filter.ts";
import type { LogLine } from "./log-line.ts";
import { mergeStreams, type StreamCursor } from "./merge-streams.ts";
import { StreamCursors } from "./stream-cursors.ts";
import { tailLog } from "./tail-log.ts";

/**
 * Reads the lines of a run as they come, until the run (or the job asked for)
 * is over or its process is gone. No line is lost and none comes twice.
 */
export async function* followLog(
  run: RunReader,
  query: PlacedQuery,
  options: FollowOptions,
): AsyncGenerator<LogLine, void, undefined> {
  const { signal } = options;
  const pace = new FollowPace(options);
  const wanted = lineFilter(query);
  const joiner = new LineJoiner(joinOptions(query));
  const cursors = new StreamCursors(run);
  const progress = new RunProgress(run.directory);
  const isAborted = (): boolean => signal?.aborted === true;
  let isOver = false;
  let isFirst = true;
  while (!isAborted()) {
    // What is over now has all its lines on disk: this look is the last one it needs.
    await progress.update();
    const ended = isOver || progress.isFinished || (query.job !== undefined && progress.hasEnded(query.job));
    const looked = await lookAt(cursors, query, progress);
    let news = false;
    if (isFirst && query.tail !== undefined) {
      for (const line of await tailLog(run, query, { cursors: looked.all, count: query.tail })) yield line;
    }
    isFirst = false;
    for await (const { cursor, record } of mergeStreams(run.directory, looked.all)) {
      news = true;
      for (const event of joiner.push(cursor.inode, record.event)) {
        if (!wanted(event)) continue;
        yield logLine(cursor.stream, event);
        if (isAborted()) return;
      }
    }
    if (ended) {
      for (const { stream, inode } of looked.all) {
        for (const event of joiner.end(inode)) if (wanted(event)) yield logLine(stream, event);
      }
      return;
    }
    for (const { jobId, streams } of looked.ended) {
      cursors.forget(streams);
      progress.forget(jobId);
    }
    isOver = await pace.isGone(news);
    if (!isOver) await pace.wait(() => watched(run, looked.all), news);
  }
}

interface Looked {
  readonly all: readonly StreamCursor[];
  /** The streams of jobs that were over before this look. */
  readonly ended: readonly { readonly jobId: JobId; readonly streams: readonly StreamCursor[] }[];
}

/** Looks at the streams of the jobs that started and are not over and read. */
async function lookAt(cursors: StreamCursors, query: PlacedQuery, progress: RunProgress): Promise<Looked> {
  const all: StreamCursor[] = [];
  const ended: { jobId: JobId; streams: readonly StreamCursor[] }[] = [];
  for (const { jobId, isOver } of progress.jobs()) {
    if (query.job !== undefined && jobId !== query.job) continue;
    const streams = await cursors.look(`jobs/${jobId}`, (stream) => wantsStream(query, stream));
    all.push(...streams);
    if (isOver) ended.push({ jobId, streams });
  }
  return { all, ended };
}

/** The directories in which something happens next: of the run, and of the latest units. */
function watched(run: RunReader, cursors: readonly StreamCursor[]): readonly string[] {
  const latest = cursors
    .toSorted((a, b) => b.stream.rank - a.stream.rank)
    .slice(0, 16)
    .map(({ stream }) => join(run.directory, dirname(stream.path)));
  return [run.directory, join(run.directory, "pipeline"), ...latest];
}

/** What the streams of the run and of its pipeline say of how far it is. */
class RunProgress {
  readonly #directory: string;
  readonly #offsets = new Map<string, number>();
  /** The jobs with something to read, and whether they are over. */
  readonly #jobs = new Map<JobId, boolean>();
  readonly #ended = new Set<string>();
  isFinished = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  hasEnded(job: string): boolean {
    return this.#ended.has(job);
  }

  jobs(): readonly { readonly jobId: JobId; readonly isOver: boolean }[] {
    return [...this.#jobs].map(([jobId, isOver]) => ({ jobId, isOver }));
  }

  /** Drops a job that is over and read. */
  forget(jobId: JobId): void {
    this.#jobs.delete(jobId);
  }

  async update(): Promise<void> {
    // The end first: when it is there, every state is.
    for await (const event of this.#since("events.jsonl")) {
      if (event.event === "phase_finish" && event.phase_code === "run.finalize") this.isFinished = true;
    }
    for await (const event of this.#since("pipeline/events.jsonl")) {
      if (event.event !== "job_state") continue;
      const isOver = isTerminal(event.to);
      if (event.to === "running" || isOver) this.#jobs.set(event.job_id, isOver);
      if (isOver) this.#ended.add(event.job_id);
    }
  }

  async *#since(streamPath: string): AsyncGenerator<LoomEvent, void, undefined> {
    const path = join(this.#directory, streamPath);
    const start = this.#offsets.get(streamPath) ?? 0;
    const facts = await stat(path).catch(() => undefined);
    if (facts === undefined || facts.size <= start) return;
    for await (const { event, nextOffset } of readStreamRange(path, { start, end: facts.size })) {
      this.#offsets.set(streamPath, nextOffset);
      yield event;
    }
  }
}
