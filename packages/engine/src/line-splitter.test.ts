import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LINE_LIMIT_BYTES, LineSplitter } from "./line-splitter.ts";

interface Line {
  readonly text: string;
  readonly partial: boolean;
}

/** Feeds chunks to a splitter and tells the lines it found; `undefined` as a chunk means a flush. */
function split(chunks: readonly (Uint8Array | undefined)[]): Line[] {
  const lines: Line[] = [];
  const splitter = new LineSplitter((bytes, ends, partial) => {
    let start = 0;
    for (const end of ends) {
      lines.push({ text: Buffer.from(bytes.subarray(start, end)).toString("latin1"), partial });
      start = end + 1;
    }
  });
  for (const chunk of chunks) {
    if (chunk === undefined) splitter.flush();
    else splitter.push(chunk);
  }
  splitter.end();
  return lines;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** The lines of each call, and whether they were partial. */
function batches(chunks: readonly (string | Uint8Array)[]): (readonly [readonly string[], boolean])[] {
  const calls: (readonly [readonly string[], boolean])[] = [];
  const splitter = new LineSplitter((found, ends, partial) => {
    const text = Buffer.from(found).toString("latin1");
    calls.push([
      ends.map((end, index) => text.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end)),
      partial,
    ]);
  });
  for (const chunk of chunks) splitter.push(typeof chunk === "string" ? bytes(chunk) : chunk);
  splitter.end();
  return calls;
}

/** Joins partial pieces to the lines they were cut from. */
function rejoin(lines: readonly Line[]): string[] {
  const whole: string[] = [];
  let open = "";
  for (const { text, partial } of lines) {
    open += text;
    if (partial) continue;
    whole.push(open);
    open = "";
  }
  return open === "" ? whole : [...whole, open];
}

describe("LineSplitter", () => {
  test("finds the lines of a chunk and keeps the unfinished one until its newline comes", () => {
    expect(split([bytes("a\nb"), bytes("c\n\nd")]).map(({ text }) => text)).toEqual(["a", "bc", "", "d"]);
  });

  test("keeps carriage returns: they are part of what was printed", () => {
    expect(split([bytes("a\r\n")])).toEqual([{ text: "a\r", partial: false }]);
  });

  test("gives a line of exactly the limit whole, and one byte more in two pieces", () => {
    const limit = "x".repeat(LINE_LIMIT_BYTES);
    expect(split([bytes(`${limit}\n`)]).map(({ partial }) => partial)).toEqual([false]);
    expect(split([bytes(limit), bytes("\n")]).map(({ partial }) => partial)).toEqual([false]);
    expect(split([bytes(`${limit}y\n`)]).map(({ text, partial }) => [text.length, partial])).toEqual([
      [LINE_LIMIT_BYTES, true],
      [1, false],
    ]);
  });

  test("gives the whole lines of a chunk at once, and one above the limit by itself, in pieces", () => {
    const long = "x".repeat(LINE_LIMIT_BYTES + 1);
    const limit = "y".repeat(LINE_LIMIT_BYTES);
    const [first, ...rest] = ["x".repeat(LINE_LIMIT_BYTES), "x"];
    expect(batches([`a\nbb\n${long}\nc\n\nd`])).toEqual([
      [["a", "bb"], false],
      [[first], true],
      [rest, false],
      [["c", ""], false],
      [["d"], false],
    ]);
    expect(batches([`${long}\n${limit}\nc\n${limit}\n`])).toEqual([
      [[first], true],
      [rest, false],
      [[limit, "c", limit], false],
    ]);
    expect(batches(["h", `old\n${long}\n`])).toEqual([
      [["hold"], false],
      [[first], true],
      [rest, false],
    ]);
    expect(batches(["a", "b", "c\n", "\n", "d\ne"])).toEqual([
      [["abc"], false],
      [[""], false],
      [["d"], false],
      [["e"], false],
    ]);
    expect(batches(["", "a\n", ""])).toEqual([[["a"], false]]);
  });

  test("cuts what is no UTF-8 at the limit, and holds no more than the limit", () => {
    const held: number[] = [];
    const splitter = new LineSplitter(() => held.push(splitter.heldBytes));
    splitter.push(new Uint8Array(3 * LINE_LIMIT_BYTES + 5).fill(0x80));
    expect(held).toEqual([0, 0, 0]);
    expect(splitter.heldBytes).toBe(5);
    expect(
      batches([new Uint8Array(LINE_LIMIT_BYTES + 1).fill(0x80)]).map(([lines]) => lines[0]?.length),
    ).toEqual([LINE_LIMIT_BYTES, 1]);
  });

  test.each([
    ["é", 1],
    ["☃", 1],
    ["☃", 2],
    ["😀", 1],
    ["😀", 2],
    ["😀", 3],
    ["\u2010", 2],
    ["\u0800", 1],
    ["\u0800", 2],
  ])("keeps %s whole at the limit, of which %i bytes fit", (character, fit) => {
    const before = "x".repeat(LINE_LIMIT_BYTES - fit);
    const text = Buffer.from(`${before}${character}y\n`).toString("latin1");
    const rest = Buffer.from(`${character}y`).toString("latin1");
    expect(split([bytes(text)])).toEqual([
      { text: before, partial: true },
      { text: rest, partial: false },
    ]);
    const flushed = Buffer.from(`x${character}`).subarray(0, 1 + fit);
    expect(split([flushed, undefined])[0]).toEqual({ text: "x", partial: true });
  });

  test.each(["é", "ÿ", "☃", "😀", "a", "\u0080"])(
    "flush() gives %s with what comes before it once it is whole",
    (character) => {
      const text = Buffer.from(`x${character}`);
      expect(split([text, undefined])).toEqual([{ text: text.toString("latin1"), partial: true }]);
    },
  );

  test("flush() holds nothing back when what a character began with goes on otherwise", () => {
    const cut = Uint8Array.of(0x78, 0xe2, 0x61);
    expect(split([cut, undefined])).toEqual([{ text: "x\u00e2a", partial: true }]);
  });

  test("cuts a long line between characters", () => {
    const snowmen = Buffer.from("☃".repeat(LINE_LIMIT_BYTES), "utf8");
    const pieces = split([snowmen]).map(({ text }) => Buffer.from(text, "latin1").toString("utf8"));
    expect(pieces.join("")).toBe("☃".repeat(LINE_LIMIT_BYTES));
    expect(pieces.every((piece) => !piece.includes("\uFFFD"))).toBe(true);
  });

  test("flush() gives an unfinished line as a partial piece, whole characters only", () => {
    const [first = 0, ...rest] = Buffer.from("é");
    const lines = split([
      bytes("name: "),
      undefined,
      Uint8Array.of(first),
      undefined,
      Uint8Array.from(rest),
      bytes("\n"),
    ]);
    expect(lines).toEqual([
      { text: "name: ", partial: true },
      { text: Buffer.from("é").toString("latin1"), partial: false },
    ]);
  });

  test("loses nothing, adds nothing and keeps the order, however the output is cut", () => {
    const chunk = fc.oneof(
      { weight: 6, arbitrary: fc.uint8Array({ maxLength: 50 }) },
      { weight: 3, arbitrary: fc.constantFrom("\n", "line\n", "\n\n", "no end").map(bytes) },
      { weight: 1, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.nat(2 * LINE_LIMIT_BYTES).map((size) => new Uint8Array(size).fill(0xe2)) },
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 20 }), (chunks) => {
        const text = chunks
          .map((part) => (part === undefined ? "" : Buffer.from(part).toString("latin1")))
          .join("");
        const expected = text.split("\n");
        if (expected.at(-1) === "") expected.pop();
        const lines = split(chunks);
        expect(rejoin(lines)).toEqual(expected);
        expect(Math.max(0, ...lines.map((line) => line.text.length))).toBeLessThanOrEqual(LINE_LIMIT_BYTES);
      }),
      { numRuns: 1000 },
    );
  });
});
