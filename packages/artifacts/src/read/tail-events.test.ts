import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LoomEvent, OutputEvent } from "@loom/core";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { encodeEvent } from "../codec/encode-event.ts";
import { tailEvents } from "./tail-events.ts";

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

function outputEvent(seq: number, text: string): OutputEvent {
  return { seq, ts: "2026-01-01T00:00:00.000Z", event: "output", stream: "stdout", text };
}

function isOutput(event: LoomEvent): event is OutputEvent {
  return event.event === "output";
}
