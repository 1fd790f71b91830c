import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyEvent } from "../../test/arbitrary-events.ts";
import { decodeEvent } from "./decode-event.ts";
import { encodeEvent } from "./encode-event.ts";
import { decodeOutput, findPlainOutput } from "./output-bytes.ts";
import type { RecordBytes } from "./output-layout.ts";

const TS = "2026-01-01T00:00:00.250Z";

/** Text of which much is plain, and the rest is what JSON escapes, what terminals act on, and what is not ASCII. */
const anyText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
  fc.string({
    unit: fc.constantFrom("a", "b", '"', "\\", "\r", "\u001B", "\u007F", "\u0085", "é", "😀", "\uD800"),
  }),
  fc.string({ unit: "binary" }),
);

const wholeLine = {
  seq: fc.integer({ min: 1, max: 1e6 }),
  ts: fc.constant(TS),
  stream: fc.constantFrom("stdout" as const, "stderr" as const),
  text: anyText,
};

const otherFields = {
  ...wholeLine,
  seq: fc.maxSafeNat().map((seq) => Math.max(1, seq)),
  ts: fc.oneof(fc.constant(TS), anyText),
  partial: fc.constant(true as const),
  lossy: fc.constant(true as const),
};

const anyOutput = fc
  .oneof(fc.record(wholeLine), fc.record(otherFields, { requiredKeys: ["seq", "ts", "stream", "text"] }))
  .map((fields) => encodeEvent({ ...fields, event: "output" }));

/** Records of which a few bytes are others, as a damaged disk has them. */
const damaged = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: anyOutput }, { weight: 1, arbitrary: anyEvent.map(encodeEvent) }),
    fc.array(
      fc.record({
        at: fc.nat(),
        drop: fc.integer({ min: 0, max: 3 }),
        put: fc.oneof(
          fc.constantFrom(
            '"',
            "\\",
            "}",
            '"}',
            '","text":"b',
            ',"partial":true',
            "0",
            " ",
            "\\u0041",
            '"seq":2,',
          ),
          fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
        ),
      }),
      { maxLength: 3 },
    ),
  )
  .map(([record, edits]) => {
    let bytes = Buffer.from(record).toString("latin1");
    for (const { at, drop, put } of edits) {
      const place = at % (bytes.length + 1);
      bytes = bytes.slice(0, place) + put + bytes.slice(place + drop);
    }
    return Buffer.from(bytes, "latin1");
  });

const anyLine = fc
  .oneof(
    damaged,
    anyOutput.map((record) => Buffer.from(record)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  )
  .map((line) => line.filter((byte) => byte !== 0x0a));

/** A line with its newline, between others. */
function placed(line: Uint8Array, before: number, after: number): RecordBytes {
  const bytes = Buffer.concat([
    Buffer.alloc(before, "\n"),
    line,
    Buffer.from("\n"),
    Buffer.alloc(after, "x"),
  ]);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

describe("output records by their bytes", () => {
  test("what is found or decoded fast equals what JSON.parse gives, for any bytes", () => {
    let [drawn, found] = [0, 0];
    fc.assert(
      fc.property(anyLine, fc.nat(9), fc.nat(9), (line, before, after) => {
        drawn += 1;
        const source = placed(line, before, after);
        const slow = decodeEvent(Buffer.from(line).toString("utf8"));
        const plain = findPlainOutput(source, before);
        const fast = decodeOutput(source, before, before + line.length);
        if (plain !== undefined) {
          found += 1;
          expect({ ok: true, value: plain.toEvent() }).toStrictEqual(slow);
          expect(plain.end).toBe(before + line.length + 1);
          expect(plain.text).toMatch(/^[ !#-[\]-~]*$/);
        }
        if (fast !== undefined) expect({ ok: true, value: fast }).toStrictEqual(slow);
      }),
      { numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(drawn / 30);
  });

  test("every plain line as the recorder writes it is found, and every other whole one decoded fast", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e15 - 1 }),
        fc.constantFrom("stdout" as const, "stderr" as const),
        anyText,
        (seq, stream, text) => {
          const event = { seq, ts: TS, event: "output", stream, text } as const;
          const line = Buffer.from(encodeEvent(event));
          const source = placed(line, 0, 0);
          const isPlain = /^[ !#-[\]-~]*$/.test(text);
          expect(findPlainOutput(source, 0)?.toEvent()).toStrictEqual(isPlain ? event : undefined);
          expect(decodeOutput(source, 0, line.length)).toStrictEqual(event);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("a record that ends with the bytes, or before them, is not read beyond them", () => {
    const line = Buffer.from(encodeEvent({ seq: 7, ts: TS, event: "output", stream: "stdout", text: "abc" }));
    for (let length = 0; length < line.length; length++) {
      const source = placed(line.subarray(0, length), 0, 0);
      expect(findPlainOutput(source, 0)).toBeUndefined();
      expect(decodeOutput(source, 0, length)).toBeUndefined();
    }
  });
});
