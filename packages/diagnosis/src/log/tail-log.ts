import type { RunReader } from "@loom/artifacts";
import { joinOptions, lineFilter, logLine } from "./log-filter.ts";
import type { LogLine, LogQuery } from "./log-line.ts";
import type { StreamCursor } from "./merge-streams.ts";

/**
 * The last lines of streams, in the order of the run; moves their offsets behind what was looked at.
 *
 * Each stream is read from its end, so the cost depends on the number of lines
 * and of streams, not on how much was printed.
 */
export async function tailLog(
  run: RunReader,
  query: LogQuery,
  from: { readonly cursors: readonly StreamCursor[]; readonly count: number },
): Promise<readonly LogLine[]> {
  const { cursors, count } = from;
  const wanted = lineFilter(query);
  let lines: LogLine[] = [];
  for (const cursor of cursors) {
    const tail = await run.tailStream(cursor.stream.path, { count, wanted, join: joinOptions(query) });
    if (!tail.ok) continue;
    cursor.offset = tail.value.nextOffset;
    for (const event of tail.value.records) lines.push(logLine(cursor.stream, event));
    if (lines.length > count * 4) lines = last(lines, count);
  }
  return last(lines, count);
}

function last(lines: readonly LogLine[], count: number): LogLine[] {
  return count <= 0 ? [] : lines.toSorted((a, b) => a.seq - b.seq).slice(-count);
}
