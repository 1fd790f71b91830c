import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastState, type LoomEvent, type OutputEvent, type OutputStream } from "@loom/core";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeEvent } from "../codec/encode-event.ts";
import { LineJoiner, LONGEST_LINE, type JoinOptions } from "./join-lines.ts";
import { tailStream } from "./tail-events.ts";

function output(seq: number, stream: OutputStream, text: string, partial = false): OutputEvent {
  const ts = "2026-01-01T00:00:00.000Z";
  return { seq, ts, event: "output", stream, text, ...(partial && { partial: true }) };
}

/** Whole lines as they were printed, in the order in which they ended, cut and mixed at random. */
const pieces = fc
  .array(
    fc.record({
      stream: fc.constantFrom<OutputStream>("stdout", "stderr"),
      parts: fc.array(fc.constantFrom("a", "bc", "\r", "50%\r", ""), { minLength: 1, maxLength: 4 }),
    }),
    { maxLength: 12 },
  )
  .chain((lines) =>
    fc.array(fc.nat(1), { minLength: 60, maxLength: 60 }).map((coins) => {
      const queues = (["stdout", "stderr"] as const).map((stream) =>
        lines
          .filter((line) => line.stream === stream)
          .flatMap(({ parts }) =>
            parts.map((text, index) => ({ stream, text, partial: index < parts.length - 1 })),
          ),
      );
      const records: OutputEvent[] = [];
      for (const coin of coins) {
        const next = queues[coin]?.shift() ?? queues[1 - coin]?.shift();
        if (next === undefined) break;
        records.push(output(records.length + 1, next.stream, next.text, next.partial));
      }
      return records;
    }),
  );

/** The naive way: by output, all texts up to the piece that ends the line. */
function naive(records: readonly OutputEvent[], raw: boolean): string[] {
  const open = { stdout: "", stderr: "" };
  const lines: { seq: number; text: string }[] = [];
  const last = new Map<OutputStream, number>();
  for (const { stream, text, partial, seq } of records) {
    open[stream] += text;
    last.set(stream, seq);
    if (partial === true) continue;
    lines.push({ seq, text: open[stream] });
    open[stream] = "";
    last.delete(stream);
  }
  for (const [stream, seq] of last) lines.push({ seq, text: open[stream] });
  return lines.sort((a, b) => a.seq - b.seq).map(({ seq, text }) => `${seq} ${raw ? text : lastState(text)}`);
}

function forward(records: readonly LoomEvent[], options: JoinOptions): string[] {
  const joiner = new LineJoiner(options);
  const joined = [...records.flatMap((record) => joiner.push(1, record)), ...joiner.end(1)];
  return joined
    .filter((event) => event.event === "output")
    .sort((a, b) => a.seq - b.seq)
    .map(({ seq, text }) => `${seq} ${text}`);
}

async function backward(
  records: readonly LoomEvent[],
  count: number,
  options: JoinOptions,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "loom-join-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "events.jsonl");
  writeFileSync(path, records.map((record) => `${encodeEvent(record)}\n`).join(""));
  const isOutput = (event: LoomEvent): event is OutputEvent => event.event === "output";
  const tail = await tailStream(path, { count, wanted: isOutput, join: options });
  if (!tail.ok) throw new Error(tail.error.message);
  return tail.value.records.map(({ seq, text }) => `${seq} ${text}`);
}

describe("LineJoiner", () => {
  test("gives the lines that were printed, however they were cut and mixed, from both ends", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), fc.integer({ min: 1, max: 8 }), async (records, raw, count) => {
        const expected = naive(records, raw);
        expect(forward(records, { raw })).toEqual(expected);
        expect(await backward(records, count, { raw })).toEqual(expected.slice(-count));
      }),
      { numRuns: 300 },
    );
  });

  test("holds the last state of a line that overwrites itself without end, not all of it", () => {
    const joiner = new LineJoiner();
    const bar = `${"x".repeat(1000)}\r`;
    for (let seq = 1; seq <= 5000; seq += 1)
      expect(joiner.push(1, output(seq, "stdout", bar, true))).toEqual([]);
    expect(joiner.push(1, output(5001, "stdout", "error: no space"))).toEqual([
      output(5001, "stdout", "error: no space"),
    ]);
  });

  test("gives a line beyond all measure in pieces, with nothing lost", () => {
    const joiner = new LineJoiner();
    const piece = "y".repeat(64 * 1024);
    const given: LoomEvent[] = [];
    for (let seq = 1; seq <= 100; seq += 1)
      given.push(...joiner.push(1, output(seq, "stdout", piece, seq < 100)));
    const texts = given.filter((event) => event.event === "output");
    expect(texts.map(({ text }) => text).join("")).toBe(piece.repeat(100));
    expect(texts.map(({ partial }) => partial ?? false)).toEqual([...texts.slice(1).map(() => true), false]);
    expect(Math.max(...texts.map(({ text }) => text.length))).toBeLessThanOrEqual(
      LONGEST_LINE + piece.length,
    );
  });
});
