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

/** Bytes that end a text, or a number, or are not as they are in JSON, or just not these. */
const OTHER_BYTES = [0x00, 0x1f, 0x20, 0x22, 0x2c, 0x30, 0x3a, 0x5c, 0x78, 0x7d, 0x7f, 0x80, 0xc3];

/** Checks that what is found or decoded fast, if anything is, is what `decodeEvent` gives. */
function expectAsDecoded(line: Uint8Array, before = 0, after = 0): { readonly isFound: boolean } {
  const source = placed(line, before, after);
  const slow = decodeEvent(Buffer.from(line).toString("utf8"));
  const plain = findPlainOutput(source, before);
  if (plain !== undefined) {
    expect({ ok: true, value: plain.toEvent() }).toStrictEqual(slow);
    expect(plain.end).toBe(before + line.length + 1);
    expect(plain.text).toMatch(/^[ !#-[\]-~]*$/);
  }
  const fast = decodeOutput(source, before, before + line.length);
  if (fast !== undefined) expect({ ok: true, value: fast }).toStrictEqual(slow);
  return { isFound: plain !== undefined };
}

describe("output records by their bytes", () => {
  test("what is found or decoded fast equals what JSON.parse gives, for any bytes", () => {
    let [drawn, found] = [0, 0];
    fc.assert(
      fc.property(anyLine, fc.nat(9), fc.nat(9), (line, before, after) => {
        drawn += 1;
        if (expectAsDecoded(line, before, after).isFound) found += 1;
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

  test.each([
    { seq: 1, text: "" },
    { seq: 90, text: "plain" },
    { seq: 123_456, text: "a line that is longer than four words are, which are looked at in one go" },
  ])(
    "a record of $text.length bytes of text of which one is another is found only where it is one",
    (fields) => {
      for (const stream of ["stdout", "stderr"] as const) {
        const line = Buffer.from(encodeEvent({ ...fields, ts: TS, event: "output", stream }));
        expect(expectAsDecoded(line)).toStrictEqual({ isFound: true });
        for (let at = 0; at < line.length; at++) {
          for (const byte of OTHER_BYTES) {
            const damaged = Buffer.from(line);
            damaged[at] = byte;
            expectAsDecoded(damaged);
          }
          expectAsDecoded(Buffer.concat([line.subarray(0, at), line.subarray(at + 1)]));
        }
      }
    },
  );

  test.each([
    ["no number", '"seq":12', '"seq":'],
    ["the number 0", '"seq":12', '"seq":0'],
    ["a number that begins with 0", '"seq":12', '"seq":012'],
    ["a number that is not safe", '"seq":12', '"seq":9007199254740993'],
    ["the largest number", '"seq":12', '"seq":9007199254740991'],
    ["a fraction", '"seq":12', '"seq":1.5'],
    ["a shorter time", ".250Z", "Z"],
    ["a longer time", ".250Z", ".250000Z"],
    ["a further field", '"}', '","lossy":true}'],
    ["a further field that ends as text does", '"}', '","more":"b"}'],
    ["something behind it", '"}', '"} '],
    ["no end", '"}', ""],
    ["no brace at its end", '"}', '"'],
    ["no quote at its end", '"}', "}"],
    ["no text", ':"abc"}', ':"}'],
  ])("a record with %s is found only where it is one", (_name, part, instead) => {
    const line = encodeEvent({ seq: 12, ts: TS, event: "output", stream: "stdout", text: "abc" });
    expect(line).toContain(part);
    for (const after of [0, 9]) expectAsDecoded(Buffer.from(line.replace(part, instead)), 0, after);
  });

  test("a line that only ends as a record does is none", () => {
    for (const line of ['"abc"}', 'abc"}', '"}']) {
      const source = placed(Buffer.from(line), 0, 200);
      expect(findPlainOutput(source, 0)).toBeUndefined();
      expect(decodeOutput(source, 0, line.length)).toBeUndefined();
    }
  });

  test("a record with as many digits as are surely safe is found", () => {
    const event = { seq: 999_999_999_999_999, ts: TS, event: "output", stream: "stderr", text: "" } as const;
    const line = Buffer.from(encodeEvent(event));
    expect(findPlainOutput(placed(line, 0, 0), 0)?.toEvent()).toStrictEqual(event);
  });

  test("a record is decoded whether its newline is there or not", () => {
    for (const text of ["", "a", "größer \u001B[0m", "é"]) {
      const event = { seq: 1234, ts: TS, event: "output", stream: "stdout", text } as const;
      const bytes = Buffer.from(encodeEvent(event));
      const source = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
      expect(findPlainOutput(source, 0)).toBeUndefined();
      expect(decodeOutput(source, 0, bytes.length)).toStrictEqual(event);
    }
  });

  test.each([7, 999_999_999_999_999])(
    "a record with the number %j that ends with the bytes, or before them, is not read beyond them",
    (seq) => {
      const line = Buffer.from(encodeEvent({ seq, ts: TS, event: "output", stream: "stdout", text: "abc" }));
      for (let length = 0; length < line.length; length++) {
        const source = placed(line.subarray(0, length), 0, 0);
        expect(findPlainOutput(source, 0)).toBeUndefined();
        expect(decodeOutput(source, 0, length)).toBeUndefined();
      }
    },
  );
});
