import {
  EVENT_SCHEMA_VERSION,
  jobId,
  PHASES,
  runIdentity,
  type EventError,
  type PhaseCode,
  type PhaseFinishEvent,
} from "@loom/core";
import type { FailingUnit } from "@loom/record";
import { describe, expect, test } from "vitest";
import { jobFailure } from "./job-failure.ts";

const BUILD = jobId("build");
const ERROR: EventError = { code: "provider_unavailable", message: "No engine answers" };
const SCRIPT = "jobs/build/user/execution/script";

function finish(phase: PhaseCode, more: Partial<PhaseFinishEvent> = {}): PhaseFinishEvent {
  const { runId, pipelineId } = runIdentity(1n);
  return {
    seq: 9,
    ts: "2026-03-07T06:40:00.090Z",
    event: "phase_finish",
    schema_version: EVENT_SCHEMA_VERSION,
    run_id: runId,
    pipeline_id: pipelineId,
    scope: PHASES[phase].scope,
    phase_code: phase,
    phase_family: PHASES[phase].family,
    status: "failed",
    duration_ms: 80,
    ...more,
  };
}

function ofJob(phase: PhaseCode): FailingUnit {
  return { stream: { kind: "job", jobId: BUILD }, end: finish(phase) };
}

describe("jobFailure()", () => {
  test("tells the exit code and the error of a step, and where its records are", () => {
    const stream = { kind: "step", jobId: BUILD, step: 2 } as const;
    const end = finish("step.script", { exit_code: 3, error: ERROR });
    expect(jobFailure({ stream, end, error: ERROR })).toStrictEqual({
      section: "execution",
      step: 2,
      exitCode: 3,
      error: ERROR,
      eventsPath: `${SCRIPT}/02/events.jsonl`,
    });
  });

  test("tells no exit code and no error of a step that a signal ended", () => {
    const stream = { kind: "step", jobId: BUILD, step: 1 } as const;
    expect(jobFailure({ stream, end: finish("step.script", { signal: "SIGKILL" }) })).toStrictEqual({
      section: "execution",
      step: 1,
      eventsPath: `${SCRIPT}/01/events.jsonl`,
    });
  });

  test("points at a section, with what that says", () => {
    const stream = { kind: "section", jobId: BUILD, section: "image_build" } as const;
    expect(jobFailure({ stream, end: finish("job.provider_prepare"), error: ERROR })).toStrictEqual({
      section: "image_build",
      error: ERROR,
      eventsPath: "jobs/build/system/image_build/events.jsonl",
    });
  });

  test.each([
    ["job.provider_prepare", "provider"],
    ["job.cache_restore", "cache_restore"],
    ["job.artifact_restore", "artifact_extract"],
    ["job.artifact_save", "artifact_save"],
    ["job.cache_save", "cache_save"],
    ["job.cleanup", "cleanup"],
  ] as const)("names for %s without a section of its own %s", (phase, name) => {
    expect(jobFailure(ofJob(phase))).toStrictEqual({ section: name, eventsPath: "jobs/build/events.jsonl" });
  });

  test("points for an execution at the records of the execution", () => {
    expect(jobFailure({ ...ofJob("job.execution"), error: ERROR })).toStrictEqual({
      section: "execution",
      error: ERROR,
      eventsPath: "jobs/build/user/execution/events.jsonl",
    });
  });

  test("names no section for a phase that is not one of a job", () => {
    expect(jobFailure(ofJob("pipeline.execute"))).toStrictEqual({ eventsPath: "jobs/build/events.jsonl" });
  });
});
