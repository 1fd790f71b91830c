import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchOf } from "@loom/testkit";
import { TailLines } from "./tail-lines.ts";

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}

describe("TailLines", () => {
  test("keeps the last lines however they are divided into batches", () => {
    const divided = fc.array(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 30 }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(divided, fc.integer({ min: 1, max: 25 }), (batches, count) => {
        const clean = batches.map((lines) => lines.map((line) => line.replaceAll("\n", "")));
        const tail = new TailLines(count);
        for (const lines of clean) tail.push(batchOf(lines));
        expect(tail.lines()).toEqual(clean.flat().slice(-count));
      }),
    );
  });

  test("puts the pieces of a cut line together, each output for itself", () => {
    const tail = new TailLines();
    tail.push(batchOf(["a", "b"]));
    tail.push(batchOf(["be"], { partial: true }));
    tail.push(batchOf(["err"], { stream: "stderr" }));
    tail.push(batchOf(["gun", "next"]));
    tail.push(batchOf(["open"], { partial: true }));
    expect(tail.lines()).toEqual(["a", "b", "begun", "err", "next", "open"]);
  });

  test("keeps what can be seen of a line that overwrites itself, and the lines before it", () => {
    const tail = new TailLines();
    tail.push(batchOf(["before"]));
    for (let percent = 0; percent <= 100; percent += 1) {
      tail.push(batchOf([`\r${percent}%${" ".repeat(3000)}`], { partial: true }));
    }
    tail.push(batchOf(["\rerror: quota", "after"]));
    expect(tail.lines()).toEqual(["before", "error: quota", "after"]);
  });

  test("copies the bytes, also those of a Buffer, whose slices share memory", () => {
    const tail = new TailLines();
    const batch = batchOf(numbered(1, 30));
    const bytes = Buffer.from(batch.bytes);
    tail.push({ ...batch, bytes });
    bytes.fill(0x78);
    expect(tail.lines()).toEqual(numbered(11, 30));
  });

  test("looks at the last line ends only, however many lines a batch has", () => {
    const batch = batchOf(numbered(1, 100_000));
    let looks = 0;
    const ends = new Proxy(batch.ends, {
      get(target, name, receiver) {
        if (typeof name === "string" && /^\d+$/.test(name)) looks += 1;
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    const tail = new TailLines();
    tail.push({ ...batch, ends });
    expect(tail.lines()).toEqual(numbered(99_981, 100_000));
    expect(looks).toBeLessThan(50);
  });

  test("keeps the beginning of very long lines and the lines after them", () => {
    const tail = new TailLines(2);
    tail.push(batchOf(["first", "x".repeat(60_000), "y".repeat(60_000)]));
    expect(tail.lines()).toEqual(["x".repeat(2048), "y".repeat(2048)]);
  });
});
