import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoomEvent, OutputEvent } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { collect } from "../../test/collect.ts";
import { encodeEvent } from "../codec/encode-event.ts";
import { readStreamRange } from "./read-events.ts";
import { tailEvents, tailStream } from "./tail-events.ts";

describe("tailEvents()", () => {
  test("tailEvents() gives the last lines, whatever their lengths and whatever stands between them", async () => {
    const path = join(temporaryDirectory(), "events.jsonl");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 40_000 }), fc.constant(-1)), { maxLength: 30 }),
        fc.integer({ min: 1, max: 25 }),
        fc.constantFrom("", '{"seq":1', "x".repeat(200_000)),
        async (lengths, count, torn) => {
          const outputs: OutputEvent[] = [];
          let file = "";
          for (const [index, length] of lengths.entries()) {
            if (length === -1) {
              file += "damaged\n\n";
              continue;
            }
            const event = outputEvent(index + 1, `${index}é`.padEnd(length, "."));
            outputs.push(event);
            file += `${encodeEvent(event)}\n`;
          }
          writeFileSync(path, file + torn);
          const tail = await tailEvents(path, count, isOutput);
          expect(tail).toStrictEqual({ ok: true, value: outputs.slice(-count) });
        },
      ),
      { numRuns: 150 },
    );
  });

  test("tailEvents() finds the end of a stream far too large to be read", async () => {
    const path = join(temporaryDirectory(), "events.jsonl");
    const last = Array.from({ length: 3 }, (_, index) => outputEvent(index + 1, `line ${index}`));
    writeFileSync(path, "");
    // A hole: it takes no space, and hours to read.
    truncateSync(path, 256 * 1024 ** 3);
    appendFileSync(path, `\n${last.map((event) => `${encodeEvent(event)}\n`).join("")}`);
    const tail = await tailEvents(path, 2, isOutput);
    expect(tail).toStrictEqual({ ok: true, value: last.slice(-2) });
  });

  test("tailEvents() answers nothing for an empty stream and an error for none", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "empty.jsonl"), "");
    const empty = await tailEvents(join(directory, "empty.jsonl"), 5, isOutput);
    const none = await tailEvents(join(directory, "none.jsonl"), 5, isOutput);
    expect([empty, none.ok ? "" : none.error.code]).toStrictEqual([
      { ok: true, value: [] },
      "ARTIFACTS_NOT_FOUND",
    ]);
  });
});

describe("tailStream()", () => {
  test("tailStream() goes no further back than asked for and says whether it saw the beginning", async () => {
    const path = join(temporaryDirectory(), "events.jsonl");
    const all = Array.from({ length: 100 }, (_, index) => outputEvent(index + 1, `line ${index}`));
    writeFileSync(path, all.map((event) => `${encodeEvent(event)}\n`).join(""));
    const lineBytes = encodeEvent(outputEvent(100, "line 99")).length;
    const some = await tailStream(path, { count: 50, wanted: isOutput, maxBytes: lineBytes * 3 });
    const everything = await tailStream(path, { count: 500, wanted: isOutput });
    expect([some, everything]).toMatchObject([
      { ok: true, value: { records: all.slice(-2), complete: false } },
      { ok: true, value: { records: all, complete: true } },
    ]);
  });

  test("tailStream() names the offset from which readStreamRange() reads what was appended since", async () => {
    const path = join(temporaryDirectory(), "events.jsonl");
    const [first, second, third] = [1, 2, 3].map((seq) => outputEvent(seq, `é ${seq}`)) as [
      OutputEvent,
      OutputEvent,
      OutputEvent,
    ];
    const torn = encodeEvent(second);
    writeFileSync(path, `${encodeEvent(first)}\n${torn.slice(0, 20)}`);
    const tail = await tailStream(path, { count: 5, wanted: isOutput });
    if (!tail.ok) throw new Error(tail.error.message);
    appendFileSync(path, `${torn.slice(20)}\ndamaged\n${encodeEvent(third)}\n{"seq":4`);
    const since = await collect(readStreamRange(path, { start: tail.value.nextOffset }));
    expect(tail.value.records).toStrictEqual([first]);
    expect(since.map(({ event }) => event)).toStrictEqual([second, third]);
    const [, last] = since;
    expect(await collect(readStreamRange(path, { start: last?.nextOffset ?? 0 }))).toStrictEqual([]);
  });
});

function outputEvent(seq: number, text: string): OutputEvent {
  return { seq, ts: "2026-01-01T00:00:00.000Z", event: "output", stream: "stdout", text };
}

function isOutput(event: LoomEvent): event is OutputEvent {
  return event.event === "output";
}
