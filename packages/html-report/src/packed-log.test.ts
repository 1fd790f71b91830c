import { gunzipSync } from "node:zlib";
import { jobId } from "@loom/core";
import type { LogLine } from "@loom/diagnosis";
import { describe, expect, test } from "vitest";
import { LINE_CHARACTERS, packLog } from "./packed-log.ts";

function line(seq: number, text: string, more: Partial<LogLine> = {}): LogLine {
  return {
    seq,
    ts: "2026-01-01T00:00:00.000Z",
    jobId: jobId("unit"),
    unit: { kind: "step", step: 1 },
    stream: "stdout",
    text,
    ...more,
  };
}

async function* printed(lines: Iterable<LogLine>): AsyncGenerator<LogLine> {
  for (const each of lines) yield await Promise.resolve(each);
}

/** The line of times, and the lines of the job. */
function unpackedWithTimes(packed: string): readonly string[] {
  return gunzipSync(Buffer.from(packed, "base64")).toString().split("\n");
}

function unpacked(packed: string): readonly string[] {
  return unpackedWithTimes(packed).slice(1);
}

/** A number that looks like chance, and is the same each time. */
function hash(seed: number): number {
  return (Math.imul(seed + 1, 2_654_435_761) >>> 16) % 10_007;
}

describe("packLog()", () => {
  test("packLog() gives nothing for a job that printed nothing", async () => {
    expect(await packLog(printed([]), 1000)).toBeUndefined();
  });

  test("packLog() keeps lines with their stream, without control characters, and says where they are from", async () => {
    const log = await packLog(
      printed([
        line(1, "a worker is there", { unit: { kind: "section", section: "provider" }, stream: "log" }),
        line(2, "\u001B[32mok\u001B[0m 1", { unit: { kind: "step", step: 1, attempt: 1 } }),
        line(3, "10 %\r100 %"),
        line(4, "\u202Eabc\u0007", { stream: "stderr" }),
        line(5, "done", { unit: { kind: "step", step: 2 } }),
      ]),
      1000,
    );
    expect(log?.about).toStrictEqual({
      lines: 5,
      runs: [
        { first: 1, lines: 1, section: "provider" },
        { first: 2, lines: 1, step: 1, attempt: 1 },
        { first: 3, lines: 2, step: 1 },
        { first: 5, lines: 1, step: 2 },
      ],
    });
    expect(unpacked(log?.packed ?? "")).toStrictEqual([
      "#a worker is there",
      " ok 1",
      " 100 %",
      "!\uFFFDabc\u2407",
      " done",
    ]);
  });

  test("packLog() says when each line was printed that it keeps", async () => {
    const log = await packLog(
      printed([
        line(1, "one"),
        line(2, "two", { ts: "2026-01-01T00:00:00.250Z" }),
        line(3, "three", { ts: "2026-01-01T00:00:00.250Z" }),
      ]),
      1000,
    );
    expect(unpackedWithTimes(log?.packed ?? "")[0]).toBe(`${Date.parse("2026-01-01T00:00:00.000Z")},250,`);
  });

  test("packLog() adds less than 15 % for the times of lines that come in pieces", async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) =>
      line(
        index + 1,
        `✓ src/${hash(index)}/${hash(index + 7)}.test.ts (${hash(index) % 40} tests) ${hash(index) % 900} ms`,
      ),
    );
    let now = Date.parse("2026-01-01T00:00:00.000Z");
    const timed = lines.map((each, index) => {
      now += hash(index) % 8 === 0 ? hash(index) % 90 : 0;
      return { ...each, ts: new Date(now).toISOString() };
    });
    const [without, withTimes] = await Promise.all(
      [lines, timed].map(async (each) => (await packLog(printed(each), 4_000_000))?.packed.length ?? 0),
    );
    expect((withTimes ?? 0) / (without ?? 1)).toBeLessThan(1.15);
  });

  test("packLog() keeps the first and more of the last lines of a log that is too long, and counts the rest", async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => line(index + 1, `line ${index + 1}`));
    const log = await packLog(printed(lines), 20_000);
    const { left_out: gap, runs = [], lines: count } = log?.about ?? {};
    const kept = unpacked(log?.packed ?? "");
    expect(count).toBe(100_000);
    expect(kept.length + (gap?.lines ?? 0)).toBe(100_000);
    expect([kept[0], kept.at(-1)]).toStrictEqual([" line 1", " line 100000"]);
    expect(kept[(gap?.first ?? 0) - 1]).toBe(` line ${(gap?.first ?? 0) + (gap?.lines ?? 0)}`);
    expect(runs.map(({ first, lines: many }) => [first, many])).toStrictEqual([
      [1, (gap?.first ?? 0) - 1],
      [100_001 - (runs[1]?.lines ?? 0), runs[1]?.lines],
    ]);
    expect(runs[1]?.lines).toBeGreaterThan((runs[0]?.lines ?? 0) * 2);
    expect(kept.reduce((sum, each) => sum + each.length, 0)).toBeLessThan(20_000);
  });

  test("packLog() cuts a line without an end, and counts it", async () => {
    const log = await packLog(printed([line(1, "x".repeat(1_000_000)), line(2, "y")]), 100_000);
    expect(log?.about.cut_lines).toBe(1);
    expect(unpacked(log?.packed ?? "")[0]).toHaveLength(LINE_CHARACTERS + 1);
  });
});
