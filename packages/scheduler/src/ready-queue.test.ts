import fc from "fast-check";
import { expect, test } from "vitest";
import { ReadyQueue } from "./ready-queue.ts";

test("pop() gives nothing when nothing was pushed", () => {
  expect(new ReadyQueue(Float64Array.of(1, 2)).pop()).toBeUndefined();
});

test("pop() moves the last job down only as far as it belongs", () => {
  const lengths = Float64Array.of(3, 2, 6, 5, 1, 4);
  const queue = new ReadyQueue(lengths);
  for (const job of lengths.keys()) queue.push(job);
  expect(Array.from(lengths, () => queue.pop())).toEqual([2, 3, 5, 0, 1, 4]);
});

test("pop() gives the longest path first, ties by job number, over any order of pushes and pops", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 }).chain((lengths) =>
        fc.record({
          lengths: fc.constant(lengths),
          jobs: fc.shuffledSubarray([...lengths.keys()]),
          pops: fc.array(fc.boolean(), { minLength: lengths.length, maxLength: lengths.length }),
        }),
      ),
      ({ lengths, jobs, pops }) => {
        const queue = new ReadyQueue(Float64Array.from(lengths));
        const waiting = new Set<number>();
        const mostUrgent = (): number | undefined =>
          [...waiting].sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b)[0];
        const pop = (): void => {
          const expected = mostUrgent();
          expect(queue.pop()).toBe(expected);
          if (expected !== undefined) waiting.delete(expected);
        };
        for (const [turn, job] of jobs.entries()) {
          queue.push(job);
          waiting.add(job);
          if (pops[turn] === true) pop();
        }
        for (let left = waiting.size; left >= 0; left -= 1) pop();
      },
    ),
  );
});
