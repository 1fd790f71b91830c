import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encodeEvent, LineJoiner, openRun } from "@loom/artifacts";
import { jobId, type OutputEvent } from "@loom/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { joinOptions, lineFilter, logLine } from "./log-filter.ts";
import { linePattern } from "./line-pattern.ts";
import type { LinePattern, LogLine, LogQuery } from "./log-line.ts";
import { logStreamOf, type LogStream } from "./log-stream.ts";
import { mergeStreams, type StreamCursor } from "./merge-streams.ts";
import { readLog } from "./read-log.ts";

const anyText = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", "n", " ", "e"), maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("a", "b", "\r", '"', "\\", "é", "\u001B"), maxLength: 6 }),
  fc.constantFrom("stdout", "text", "partial", '"partial":true', "", "x".repeat(20_000)),
);

/** One record of one of three streams: of a few milliseconds, so that some are at the same time. */
const anyRecord = fc.record({
  job: fc.constantFrom("one", "two", "three"),
  ms: fc.integer({ min: 0, max: 9 }),
  stream: fc.constantFrom("stdout" as const, "stderr" as const),
  text: anyText,
  partial: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  damage: fc.oneof(
    { weight: 9, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom("garbage\n", "\n", "{}\n") },
  ),
});

const anyQuery: fc.Arbitrary<LogQuery> = fc.record(
  {
    streams: fc.constantFrom<NonNullable<LogQuery["streams"]>>(
      ["stdout"],
      ["stderr"],
      ["stdout", "stderr"],
      ["log"],
    ),
    grep: fc.constantFrom<NonNullable<LogQuery["grep"]>>(
      "a",
      "ab",
      "stdout",
      "",
      '"',
      "é",
      pattern("ab"),
      pattern("a+b"),
      pattern("b.*a|e$"),
      pattern("AB", true),
      pattern("A+b", true),
    ),
    since: fc.constantFrom(timeOf(4), "2026", "2030"),
    raw: fc.boolean(),
  },
  { requiredKeys: [] },
);

test("readLog() gives what reading record by record gives, in the same order, for any streams and query", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { maxLength: 60 }), anyQuery, async (records, query) => {
      const directory = mkdtempSync(join(tmpdir(), "loom-merge-"));
      try {
        const cursors = writeStreams(directory, records);
        const run = await openRun(directory);
        const log = run.ok ? await readLog(run.value, query) : undefined;
        const lines: LogLine[] = [];
        for await (const line of log?.ok === true ? log.value : []) lines.push(line);
        expect(lines).toStrictEqual(await slowLines(directory, cursors, query));
      } finally {
        rmSync(directory, { recursive: true });
      }
    }),
    { numRuns: 200 },
  );
});

async function slowLines(
  directory: string,
  cursors: readonly StreamCursor[],
  query: LogQuery,
): Promise<readonly LogLine[]> {
  const wanted = lineFilter(query);
  const joiner = new LineJoiner(joinOptions(query));
  const lines: LogLine[] = [];
  const add = (stream: LogStream, events: readonly OutputEvent[]): void => {
    for (const event of events) if (wanted(event)) lines.push(logLine(stream, event));
  };
  for await (const { cursor, record } of mergeStreams(directory, cursors))
    add(cursor.stream, joiner.push(cursor.inode, record.event) as readonly OutputEvent[]);
  const rest = cursors.flatMap(({ stream, inode }) => joiner.end(inode).map((event) => ({ stream, event })));
  for (const { stream, event } of rest.sort((a, b) => a.event.seq - b.event.seq)) add(stream, [event]);
  return lines;
}

function writeStreams(
  directory: string,
  records: readonly (typeof anyRecord extends fc.Arbitrary<infer T> ? T : never)[],
): readonly StreamCursor[] {
  const contents = new Map<string, string>([["one", ""]]);
  for (const [index, { job, ms, stream, text, partial, damage }] of records.entries()) {
    const record = encodeEvent({
      seq: index + 1,
      ts: timeOf(ms),
      event: "output",
      stream,
      text,
      ...(partial && { partial: true as const }),
    });
    contents.set(job, `${contents.get(job) ?? ""}${damage}${record}\n`);
  }
  writeFileSync(join(directory, "events.jsonl"), "");
  return [...contents].map(([job, content]) => {
    const path = `jobs/${jobId(job)}/user/execution/script/01/events.jsonl`;
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
    const { ino, size } = statSync(join(directory, path));
    return { stream: logStreamOf(path) as LogStream, inode: ino, offset: 0, limit: size };
  });
}

function timeOf(ms: number): string {
  return `2026-01-01T00:00:00.00${ms}Z`;
}

function pattern(text: string, ignoreCase = false): LinePattern {
  const read = linePattern(text, { ignoreCase });
  if (!read.ok) throw new Error(read.error);
  return read.value;
}
