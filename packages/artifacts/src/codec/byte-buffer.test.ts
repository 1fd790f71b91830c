import { describe, expect, test } from "vitest";
import { ByteBuffer } from "./byte-buffer.ts";

describe("ByteBuffer", () => {
  test("ByteBuffer keeps its memory as long as there is room, and then takes twice as much", () => {
    const buffer = new ByteBuffer();
    const { bytes } = buffer;
    buffer.appendText("kept");
    buffer.reserve(bytes.length - buffer.length);
    expect(buffer.bytes).toBe(bytes);

    buffer.reserve(bytes.length - buffer.length + 1);
    expect(buffer.bytes).not.toBe(bytes);
    expect(buffer.bytes.length).toBe(2 * bytes.length);
    expect(contents(buffer)).toBe("kept");
    buffer.view.setUint8(0, 0x4b);
    expect(contents(buffer)).toBe("Kept");
  });

  test("ByteBuffer takes as much memory as it is asked for", () => {
    const buffer = new ByteBuffer();
    buffer.reserve(1_000_000);
    expect(buffer.bytes.length).toBe(1_000_000);
  });

  test("appendText() has room for three bytes of each unit", () => {
    const buffer = new ByteBuffer();
    buffer.length = buffer.bytes.length - 2;
    buffer.bytes.fill("a");
    buffer.appendText("€");
    expect(contents(buffer)).toMatch(/^a+€$/);
  });

  test.each(["", "a", "abc", "abcd", "abcde", "abcdefgh", "größer\u0000€"])(
    "appendBytes() appends %j, from any place to any place",
    (text) => {
      const added = Buffer.from(text);
      for (const start of [0, 1, 4]) {
        for (const before of ["", "-", "----"]) {
          const source = Buffer.concat([Buffer.alloc(start, "<"), added, Buffer.from(">>>>")]);
          const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
          const buffer = new ByteBuffer();
          buffer.appendText(before);
          buffer.appendBytes(view, start, start + added.length);
          expect(contents(buffer)).toBe(before + text);
        }
      }
    },
  );

  test("appendBytes() makes room, if there is none", () => {
    const buffer = new ByteBuffer();
    const { bytes } = buffer;
    buffer.length = bytes.length - 9;
    bytes.fill("a");
    const view = new DataView(new Uint8Array(100).fill(0x62).buffer);
    buffer.appendBytes(view, 50, 59);
    expect(buffer.bytes).toBe(bytes);
    buffer.appendBytes(view, 0, 9);
    expect(contents(buffer)).toMatch(/^a+b{18}$/);
  });

  test("discard() drops the first bytes", () => {
    const buffer = new ByteBuffer();
    buffer.appendText("first, second");
    buffer.discard("first, ".length);
    expect(contents(buffer)).toBe("second");
    buffer.discard(0);
    expect(contents(buffer)).toBe("second");
    buffer.discard("second".length);
    expect(buffer.length).toBe(0);
  });
});

function contents(buffer: ByteBuffer): string {
  return buffer.bytes.toString("utf8", 0, buffer.length);
}
