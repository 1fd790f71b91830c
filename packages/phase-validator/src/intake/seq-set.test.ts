import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeqSet } from "./seq-set.ts";

describe("SeqSet", () => {
  test("agrees with a plain set, whatever ranges are added in whatever order", () => {
    const range = fc.record({
      first: fc.integer({ min: 1, max: 40_000 }),
      count: fc.integer({ min: 1, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(range, { maxLength: 6 }), (ranges) => {
        const set = new SeqSet();
        const plain = new Set<number>();
        for (const { first, count } of ranges) {
          let repeated: number | undefined;
          for (let seq = first; seq < first + count; seq++) {
            if (plain.has(seq)) repeated ??= seq;
            plain.add(seq);
          }
          expect(set.addRange(first, count)).toBe(repeated);
        }
        const max = Math.max(0, ...ranges.map(({ first, count }) => first + count - 1));
        const missing: number[] = [];
        for (const { first, last } of set.gaps()) {
          for (let seq = first; seq <= last; seq++) missing.push(seq);
        }
        const expected: number[] = [];
        for (let seq = 1; seq <= max; seq++) {
          if (!plain.has(seq)) expected.push(seq);
        }
        expect(missing).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  const CHUNK = 8192;

  test.each([
    [[[1, CHUNK]], []],
    [[[1, CHUNK - 1]], []],
    [[[2, CHUNK]], [[1, 1]]],
    [[[2, CHUNK - 2]], [[1, 1]]],
    [[[CHUNK + 1, CHUNK]], [[1, CHUNK]]],
    [[[CHUNK + 1, 3 * CHUNK]], [[1, CHUNK]]],
    [
      [
        [CHUNK + 1, CHUNK],
        [1, CHUNK],
      ],
      [],
    ],
    [
      [
        [1, CHUNK],
        [CHUNK + 2, 1],
      ],
      [[CHUNK + 1, CHUNK + 1]],
    ],
    [
      [
        [1, CHUNK - 1],
        [CHUNK, 2],
      ],
      [],
    ],
    [
      [
        [CHUNK, 2],
        [1, CHUNK - 2],
      ],
      [[CHUNK - 1, CHUNK - 1]],
    ],
    [
      [
        [CHUNK - 1, 2],
        [CHUNK + 2, 1],
      ],
      [
        [1, CHUNK - 2],
        [CHUNK + 1, CHUNK + 1],
      ],
    ],
    [
      [
        [1, 1],
        [3, 1],
        [32, 2],
        [65, 1],
      ],
      [
        [2, 2],
        [4, 31],
        [34, 64],
      ],
    ],
    [
      [
        [2 * CHUNK + 1, CHUNK],
        [4 * CHUNK, 1],
      ],
      [
        [1, 2 * CHUNK],
        [3 * CHUNK + 1, 4 * CHUNK - 1],
      ],
    ],
  ])("gaps() after %j are %j", (ranges, gaps) => {
    const set = new SeqSet();
    for (const [first = 0, count = 0] of ranges) expect(set.addRange(first, count)).toBeUndefined();
    expect([...set.gaps()]).toEqual(gaps.map(([first, last]) => ({ first, last })));
  });

  test("addRange() returns the first number that was there, in a chunk that is full or not", () => {
    const set = new SeqSet();
    set.addRange(1, CHUNK);
    set.addRange(2 * CHUNK + 1, CHUNK);
    set.addRange(4 * CHUNK + 10, 5);
    expect(set.addRange(CHUNK - 3, 10)).toBe(CHUNK - 3);
    expect(set.addRange(2 * CHUNK - 1, 5)).toBe(2 * CHUNK + 1);
    expect(set.addRange(4 * CHUNK + 5, 7)).toBe(4 * CHUNK + 10);
    expect(set.addRange(4 * CHUNK + 12, 1)).toBe(4 * CHUNK + 12);
    expect(set.add(4 * CHUNK + 15)).toBe(true);
    expect(set.add(1)).toBe(false);
  });

  test("has room for 65,536 chunks that are partly filled, again once one is full, and for any number of full ones", () => {
    const set = new SeqSet();
    for (let chunk = 0; chunk < 65_535; chunk++) set.add(chunk * CHUNK + 1);
    set.addRange(65_535 * CHUNK + 1, CHUNK);
    set.add(65_536 * CHUNK + 1);
    expect(set.overflowed).toBe(false);
    set.addRange(2, CHUNK - 1);
    set.add(65_537 * CHUNK + 1);
    set.addRange(65_539 * CHUNK + 1, CHUNK);
    expect(set.overflowed).toBe(false);
    expect(set.add(65_538 * CHUNK + 1)).toBe(true);
    expect(set.overflowed).toBe(true);
  });

  test("takes numbers as large as there are", () => {
    const set = new SeqSet();
    expect(set.add(Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(set.add(Number.MAX_SAFE_INTEGER)).toBe(false);
    expect([...set.gaps()]).toEqual([{ first: 1, last: Number.MAX_SAFE_INTEGER - 1 }]);
  });
});
