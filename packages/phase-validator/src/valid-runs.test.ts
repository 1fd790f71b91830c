import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyShape } from "../test/any-shape.ts";
import { buildRun, numbered, render, RICH_SHAPE, type RunShape } from "../test/build-run.ts";
import { CHECKED_AT, judgeEntries, judgeText, named, textOf } from "../test/judge-run.ts";
import { createPhaseValidator } from "./index.ts";

const SHAPES: { readonly [name: string]: RunShape } = {
  success: { jobs: [{ id: "a", stage: "s" }] },
  failure: { jobs: [{ id: "a", stage: "s", does: "failed", steps: 2 }] },
  "skipped downstream": {
    jobs: [
      { id: "a", stage: "s", does: "failed" },
      { id: "b", stage: "t" },
      { id: "c", stage: "t", when: "always" },
    ],
  },
  "skipped by condition": { jobs: [{ id: "a", stage: "s", when: "on_failure" }] },
  cancelled: {
    jobs: [
      { id: "a", stage: "s", does: "cancelled" },
      { id: "b", stage: "t" },
    ],
  },
  "bootstrap failed": { bootstrapFails: true, jobs: RICH_SHAPE.jobs },
  "bootstrap failed before there was a graph": { bootstrapFails: true, stages: ["s"], jobs: [] },
  "preparation failed": { jobs: [{ id: "a", stage: "s", does: "prepare_failed" }] },
  "preparation failed in a later attempt": {
    jobs: [{ id: "a", stage: "s", does: "prepare_failed", attempts: 3 }],
  },
  "cancelled in a later attempt": { jobs: [{ id: "a", stage: "s", does: "cancelled", attempts: 2 }] },
  retried: { jobs: [{ id: "a", stage: "s", attempts: 3, steps: 2, optional: true }] },
  "held, and tried again from the step that failed": {
    jobs: [{ id: "a", stage: "s", attempts: 3, steps: 3, optional: true, resumes: true }],
  },
  "held, and failed in the end": {
    jobs: [{ id: "a", stage: "s", attempts: 2, steps: 2, does: "failed", resumes: true }],
  },
  tolerated: { jobs: [{ id: "a", stage: "s", does: "failed", allowFailure: true }] },
  "empty stages": { stages: ["x", "s", "y"], jobs: [{ id: "a", stage: "s" }] },
  "no jobs": { stages: ["x"], jobs: [] },
  "everything at once": RICH_SHAPE,
};

describe("a valid run", () => {
  test.each(Object.keys(SHAPES))("fires no violation: %s", (name) => {
    const run = buildRun(SHAPES[name] ?? RICH_SHAPE);
    const report = judgeEntries(run.entries, run.documents, { documents: true });
    expect(named(report)).toEqual([]);
    expect(report.status).toBe("valid");
    expect(report.coverage.missing).toEqual([]);
    expect(report.coverage.observed).toBe(report.coverage.required);
  });

  test("fires no violation, whatever the jobs do, the order of the streams and the cut of the chunks", () => {
    fc.assert(
      fc.property(anyShape(), fc.integer({ min: 1, max: 300 }), fc.nat(), (shape, size, order) => {
        const run = buildRun(shape);
        const streams = [...textOf(render(run.entries))];
        const rank = (index: number): number => Math.imul(index + 1, order | 1) >>> 0;
        const ranked = streams.map((stream, index) => ({ stream, rank: rank(index) }));
        ranked.sort((a, b) => a.rank - b.rank);
        const shuffled = ranked.map(({ stream }) => stream);
        const report = judgeText(new Map(shuffled), { graph: run.graph, chunkBytes: size });
        expect(named(report)).toEqual([]);
        expect(named(judgeEntries(run.entries, run.documents, { documents: true }))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("fires no violation when its records come as they are emitted, with output as counts", () => {
    const run = buildRun(RICH_SHAPE);
    const validator = createPhaseValidator({ graph: run.graph });
    const lines = new Map<string, number>();
    for (const [index, { path, event }] of run.entries.entries()) {
      const line = (lines.get(path) ?? 0) + 1;
      lines.set(path, line);
      if (event["event"] === "output") validator.outputLines(path, line, { firstSeq: index + 1, count: 1 });
      else validator.record(path, line, numbered(event, index + 1));
    }
    for (const path of lines.keys()) validator.streamEnd(path, 100);
    const report = validator.report(CHECKED_AT);
    expect(named(report)).toEqual([]);
    expect(report.streams).toEqual({
      count: lines.size,
      events: run.entries.length,
      bytes: lines.size * 100,
    });
  });
});
