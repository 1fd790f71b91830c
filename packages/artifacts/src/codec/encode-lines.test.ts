import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutputEvent } from "@loom/core";
import type { LineBatch } from "@loom/ports";
import { ByteBuffer } from "./byte-buffer.ts";
import { encodeEvent } from "./encode-event.ts";
import { encodeLines } from "./encode-lines.ts";

const TS = "2026-01-01T00:00:00.250Z";

describe("encodeLines()", () => {
  test("encodeLines() writes what a decoder and JSON.stringify would, for any bytes", () => {
    const byte = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      { weight: 1, arbitrary: fc.constantFrom(0x22, 0x5c, 0x0d, 0x1b, 0x00, 0x7f) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 255 }) },
    );
    const text = fc
      .string({
        unit: fc.constantFrom("a", "é", "€", "😀", "\u2028", "\ufeff", "\r", "\t", '"', "\\", "\u001b"),
      })
      .map((value) => [...Buffer.from(value, "utf8")]);
    const line = fc
      .oneof(fc.array(byte, { maxLength: 40 }), text)
      .map((bytes) => Buffer.from(bytes.filter((value) => value !== 0x0a)));
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 20 }),
        fc.constantFrom("stdout" as const, "stderr" as const),
        fc.integer({ min: 0, max: 9 }),
        (lines, firstSeq, stream, offset) => {
          const batch = batchInMemory(lines, { firstSeq, stream, offset });
          expect(encoded(batch)).toBe(naive(batch, lines));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("encodeLines() writes the same whatever is already in the buffer and however little room it has", () => {
    const lines = [Buffer.alloc(100_000, 0x01), Buffer.alloc(100_000, 0xff), Buffer.from("plain")];
    const batch = batchInMemory(lines, { firstSeq: 9, stream: "stdout", offset: 0 });
    const into = new ByteBuffer();
    into.appendText("before\n");
    encodeLines(batch, into);
    expect(into.bytes.toString("utf8", 0, into.length)).toBe(`before\n${naive(batch, lines)}`);
  });

  test("encodeLines() writes the same when the memory is nearly full", () => {
    const plain = Array.from({ length: 8 }, () => Buffer.from("plain"));
    const lines = [Buffer.alloc(9, 0x01), ...plain, Buffer.from("")];
    const batch = batchInMemory(lines, {
      firstSeq: Number.MAX_SAFE_INTEGER - 9,
      stream: "stderr",
      offset: 0,
    });
    const expected = naive(batch, lines);
    for (let free = 0; free < 2 * expected.length; free++) {
      const into = new ByteBuffer();
      const before = into.bytes.length - free;
      into.length = before;
      encodeLines(batch, into);
      expect(into.bytes.toString("utf8", before, into.length)).toBe(expected);
    }
  });

  test("encodeLines() has room for many lines after one that took much of it", () => {
    const short = Array.from({ length: 1000 }, () => Buffer.from("plain"));
    const lines = [Buffer.alloc(100_000, 0x01), ...short];
    const batch = batchInMemory(lines, { firstSeq: 1, stream: "stdout", offset: 0 });
    expect(encoded(batch)).toBe(naive(batch, lines));
  });

  test("encodeLines() takes no more memory than the records may need", () => {
    const lines = Array.from({ length: 3000 }, () => Buffer.from(`${"a".repeat(50)}\t`));
    const batch = batchInMemory(lines, { firstSeq: 1, stream: "stdout", offset: 0 });
    const into = new ByteBuffer();
    encodeLines(batch, into);
    expect(into.bytes.length).toBeLessThan(into.length + 3000 * 16);
  });

  test("encodeLines() marks the piece of a cut line, and bytes that are not UTF-8", () => {
    const piece = {
      ...batchInMemory([Buffer.from("pi")], { firstSeq: 1, stream: "stdout", offset: 0 }),
      partial: true,
    };
    expect(encoded(piece)).toBe(
      `{"seq":1,"ts":"${TS}","event":"output","stream":"stdout","text":"pi","partial":true}\n`,
    );
    const torn = {
      ...batchInMemory([Buffer.from([0xe2, 0x82])], { firstSeq: 2, stream: "stderr", offset: 0 }),
      partial: true,
    };
    expect(encoded(torn)).toBe(
      `{"seq":2,"ts":"${TS}","event":"output","stream":"stderr","text":"\ufffd","partial":true,"lossy":true}\n`,
    );
  });

  test("encodeLines() counts on through every number of digits", () => {
    for (const firstSeq of [1, 9, 99, 99_999, 2_147_483_646, 2_147_483_647, 2_147_483_648, 9_999_999_999]) {
      const lines = [Buffer.from("a"), Buffer.from("b"), Buffer.from("c")];
      const batch = batchInMemory(lines, { firstSeq, stream: "stdout", offset: 0 });
      expect(encoded(batch)).toBe(naive(batch, lines));
    }
  });
});

function batchInMemory(
  lines: readonly Buffer[],
  options: { readonly firstSeq: number; readonly stream: "stdout" | "stderr"; readonly offset: number },
): LineBatch {
  const joined = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  // A view that does not start at a word of its memory, as the pieces of a chunk do not.
  const memory = Buffer.alloc(joined.length + options.offset, 0xee);
  joined.copy(memory, options.offset);
  let end = -1;
  const ends = lines.map((line) => (end += line.length + 1));
  const { firstSeq, stream } = options;
  return { stream, firstSeq, ts: TS, bytes: memory.subarray(options.offset), ends, partial: false };
}

function encoded(batch: LineBatch): string {
  const into = new ByteBuffer();
  encodeLines(batch, into);
  return into.bytes.toString("utf8", 0, into.length);
}

function naive(batch: LineBatch, lines: readonly Buffer[]): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return lines
    .map((line, index) => {
      const text = decoder.decode(line);
      const record: OutputEvent = {
        seq: batch.firstSeq + index,
        ts: batch.ts,
        event: "output",
        stream: batch.stream,
        text,
        ...(!Buffer.from(text, "utf8").equals(line) && { lossy: true }),
      };
      return `${encodeEvent(record)}\n`;
    })
    .join("");
}
