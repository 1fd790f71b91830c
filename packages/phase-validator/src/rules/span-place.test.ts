import { expect, test } from "vitest";
import type { PhaseSpan } from "../intake/run-facts.ts";
import { finishPlace, startPlace } from "./span-place.ts";

test.each([
  ["start and finish", { startLine: 3, finishLine: 9 }, 3, 9],
  ["no finish", { startLine: 3, finishLine: 0 }, 3, 3],
  ["no start", { startLine: 0, finishLine: 9 }, 9, 9],
])("a phase with %s is pointed at where it is", (_, lines, start, finish) => {
  const span = { ...lines, code: "job.execution", stream: { path: "jobs/j/events.jsonl" }, jobId: "j" };
  expect(startPlace(span as PhaseSpan).line).toBe(start);
  expect(finishPlace(span as PhaseSpan).line).toBe(finish);
});
