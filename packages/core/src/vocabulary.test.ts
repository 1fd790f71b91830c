import { describe, expect, test } from "vitest";
import {
  isSectionName,
  isTerminal,
  JOB_STATUSES,
  PHASES,
  type JobStatus,
  type PhaseCode,
} from "./vocabulary.ts";

describe("PHASES", () => {
  test("names for every phase the scope that its code begins with, and its family", () => {
    const families = Object.entries(PHASES).map(([code, { scope, family }]) => {
      expect(scope).toBe(code.split(".")[0]);
      return [code, family];
    });
    expect(Object.fromEntries(families)).toEqual({
      "run.bootstrap": "bootstrap",
      "run.pipeline_execute": "pipeline",
      "pipeline.execute": "pipeline",
      "run.finalize": "finalize",
      "job.provider_prepare": "provider",
      "job.cache_restore": "cache",
      "job.artifact_restore": "artifact",
      "job.execution": "execution",
      "job.artifact_save": "artifact",
      "job.cache_save": "cache",
      "job.cleanup": "cleanup",
      "step.script": "step",
    } satisfies Record<PhaseCode, string>);
  });
});

const ENDED: readonly [JobStatus, boolean][] = [
  ["pending", false],
  ["ready", false],
  ["running", false],
  ["success", true],
  ["failed", true],
  ["skipped", true],
  ["cancelled", true],
];

test("JOB_STATUSES names every status in the order of a job's life", () => {
  expect(JOB_STATUSES).toEqual(ENDED.map(([status]) => status));
});

test.each(ENDED)("isTerminal() of %s is %s", (status, terminal) => {
  expect(isTerminal(status)).toBe(terminal);
});

test.each([
  ["provider", true],
  ["cleanup", true],
  ["execution", false],
  ["constructor", false],
])("isSectionName() of %s is %s", (word, known) => {
  expect(isSectionName(word)).toBe(known);
});
