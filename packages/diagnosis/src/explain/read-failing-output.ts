import type { RunReader } from "@loom/artifacts";
import type { LogEvent, LoomEvent, OutputEvent } from "@loom/core";
import { chooseExcerpt, type Excerpt } from "../errors/choose-excerpt.ts";
import { plainLine } from "../errors/plain-line.ts";

/** Lines from the end that are looked at first. */
const LINES = 1000;

/** How far back from the end of a stream to go: what an explanation costs does not depend on how much was printed. */
const MAX_BYTES = 256 * 1024;

/** How far back to look on stderr where the end has no error of a tool that is known: lines of stdout are not even decoded. */
const MAX_BYTES_STDERR = 8 * 1024 * 1024;

/** How far back to look through everything, where that has none either. */
const MAX_BYTES_ALL = 1024 * 1024;
const LINES_ALL = 5000;

/** Where a line stands: on an output of the command, or among what Loom itself warned of. */
type PrintedOn = "stdout" | "stderr" | "loom";

/** What a unit printed that tells why it failed. */
export interface FailingOutput extends Excerpt {
  /** Oldest first, without control characters; pieces of a cut line are joined. */
  readonly lines: readonly string[];
  /** The same as they were printed, of a line that overwrote itself its last state. */
  readonly printed: readonly string[];
  /** How many of the unit's lines were looked at. */
  readonly linesRead: number;
  /** Whether all of the stream was looked at. */
  readonly complete: boolean;
}

/**
 * Reads the end of a stream, what was printed and what Loom itself warned of
 * there, and chooses what tells why its unit failed.
 *
 * Where no known tool reports an error at the end, it looks further back: on
 * stderr first, then in all that was printed.
 *
 * @param query.stopSeq - The record with which Loom asked the command to end: what came later tells of that.
 */
export async function readFailingOutput(
  run: RunReader,
  streamPath: string,
  query: OutputQuery,
): Promise<FailingOutput | { readonly problem: string }> {
  const tail = await readTail(run, streamPath, { count: LINES, maxBytes: MAX_BYTES });
  if ("problem" in tail) return tail;
  let best = judge(tail, query);
  for (const { all, ...back } of FURTHER_BACK) {
    if (best.complete || isKnown(best)) return best;
    const further = await readTail(run, streamPath, back);
    if ("problem" in further) return best;
    const start = tail.records[0]?.seq ?? 0;
    const earlier = further.records.filter(({ seq }) => seq < start);
    const judged = judge(
      { records: [...earlier, ...tail.records], complete: further.complete && all },
      query,
    );
    if (isKnown(judged) || all) best = judged;
    else best = { ...best, linesRead: judged.linesRead };
  }
  return best;
}

/** What is wanted of an output. */
export interface OutputQuery {
  /** As for {@link chooseExcerpt}. */
  readonly maxLines: number;
  readonly stopSeq?: number | undefined;
}

interface Query {
  readonly count: number;
  readonly maxBytes: number;
  readonly contains?: string;
}

const FURTHER_BACK: readonly (Query & { readonly all: boolean })[] = [
  { count: LINES, maxBytes: MAX_BYTES_STDERR, contains: '"stream":"stderr"', all: false },
  { count: LINES_ALL, maxBytes: MAX_BYTES_ALL, all: true },
];

interface Tail {
  readonly records: readonly (OutputEvent | LogEvent)[];
  readonly complete: boolean;
}

async function readTail(
  run: RunReader,
  streamPath: string,
  query: Query,
): Promise<Tail | { readonly problem: string }> {
  const tail = await run.tailStream(streamPath, { ...query, wanted: isTelling, join: {} });
  return tail.ok ? tail.value : { problem: tail.error.message };
}

function judge({ records, complete }: Tail, { maxLines, stopSeq }: OutputQuery): FailingOutput {
  const before = stopSeq === undefined ? records : records.filter(({ seq }) => seq < stopSeq);
  const printed = before.map((record) => (record.event === "log" ? record.message : record.text));
  const lines = printed.map(plainLine);
  const streams = before.map((record): PrintedOn => (record.event === "log" ? "loom" : record.stream));
  return {
    ...chooseExcerpt(lines, { maxLines, streams }),
    lines,
    printed,
    linesRead: records.filter(({ event }) => event === "output").length,
    complete,
  };
}

/** Whether a tool that is known reports an error. */
function isKnown({ errors }: Excerpt): boolean {
  return errors.some(
    ({ role, severity, tool }) => role === "cause" && severity === "error" && tool !== "generic",
  );
}

function isTelling(event: LoomEvent): event is OutputEvent | LogEvent {
  return (
    event.event === "output" || (event.event === "log" && (event.level === "warn" || event.level === "error"))
  );
}
