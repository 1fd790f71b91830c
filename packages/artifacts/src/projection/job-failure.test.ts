import {
  EVENT_SCHEMA_VERSION,
  PHASES,
  runIdentity,
  SECTION_PHASES,
  type EventError,
  type PhaseCode,
  type PhaseFinishEvent,
  type SectionName,
} from "@loom/core";
import { describe, expect, test } from "vitest";
import { jobRecord, sectionsOf } from "../../test/job-record.ts";
import { failureOfPhase, failureOfStep } from "./job-failure.ts";
import type { SectionRecord, SectionRecordEnd } from "./job-record.ts";

const ERROR: EventError = { code: "provider_unavailable", message: "No engine answers" };
const ENVELOPE_ERROR: EventError = { code: "CACHE_IO", message: "The phase failed" };
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

function section(name: SectionName, end?: Pick<SectionRecordEnd, "status" | "error">): SectionRecord {
  return {
    section: name,
    phaseCode: SECTION_PHASES[name],
    startedAt: "2026-03-07T06:40:00.010Z",
    ...(end !== undefined && { end: { finishedAt: "2026-03-07T06:40:00.020Z", durationMs: 10, ...end } }),
  };
}

describe("failureOfStep()", () => {
  test("failureOfStep() tells the exit code and the error of a step, and where its records are", () => {
    const record = finish("step.script", { exit_code: 3, error: ERROR });
    expect(failureOfStep(jobRecord(), 2, record)).toStrictEqual({
      section: "execution",
      step: 2,
      exitCode: 3,
      error: ERROR,
      eventsPath: `${SCRIPT}/02/events.jsonl`,
    });
  });

  test("failureOfStep() tells no exit code and no error of a step that a signal ended", () => {
    const record = finish("step.script", { signal: "SIGKILL" });
    expect(failureOfStep(jobRecord(), 1, record)).toStrictEqual({
      section: "execution",
      step: 1,
      eventsPath: `${SCRIPT}/01/events.jsonl`,
    });
  });
});

describe("failureOfPhase()", () => {
  test.each([
    ["job.provider_prepare", "provider"],
    ["job.cache_restore", "cache_restore"],
    ["job.artifact_restore", "artifact_extract"],
    ["job.artifact_save", "artifact_save"],
    ["job.cache_save", "cache_save"],
    ["job.cleanup", "cleanup"],
  ] as const)("failureOfPhase() names for %s without a section of its own %s", (phase, name) => {
    expect(failureOfPhase(jobRecord(), finish(phase))).toStrictEqual({
      section: name,
      eventsPath: "jobs/build/events.jsonl",
    });
  });

  test("failureOfPhase() points for an execution at the records of the execution", () => {
    expect(failureOfPhase(jobRecord(), finish("job.execution", { error: ERROR }))).toStrictEqual({
      section: "execution",
      error: ERROR,
      eventsPath: "jobs/build/user/execution/events.jsonl",
    });
  });

  test("failureOfPhase() names no section for a phase that is not one of a job", () => {
    expect(failureOfPhase(jobRecord(), finish("pipeline.execute"))).toStrictEqual({
      eventsPath: "jobs/build/events.jsonl",
    });
  });

  test("failureOfPhase() points at the section that failed first, with what that says", () => {
    const sections = sectionsOf(
      section("provider", { status: "success" }),
      section("image_build", { status: "failed", error: ERROR }),
      section("services", { status: "failed", error: ENVELOPE_ERROR }),
    );
    const record = finish("job.provider_prepare", { error: ENVELOPE_ERROR });
    expect(failureOfPhase(jobRecord({ sections }), record)).toStrictEqual({
      section: "image_build",
      error: ERROR,
      eventsPath: "jobs/build/system/image_build/events.jsonl",
    });
  });

  test("failureOfPhase() tells what the phase says of a section that says nothing", () => {
    const sections = sectionsOf(section("services", { status: "failed" }));
    const record = finish("job.provider_prepare", { error: ENVELOPE_ERROR });
    expect(failureOfPhase(jobRecord({ sections }), record)).toStrictEqual({
      section: "services",
      error: ENVELOPE_ERROR,
      eventsPath: "jobs/build/system/services/events.jsonl",
    });
  });

  test("failureOfPhase() does not take a section for the cause that passed, goes on, or is of another phase", () => {
    const sections = sectionsOf(
      section("provider", { status: "failed", error: ERROR }),
      section("cache_restore"),
      section("cache_save", { status: "success" }),
    );
    const job = jobRecord({ sections });
    expect(failureOfPhase(job, finish("job.cache_restore", { error: ENVELOPE_ERROR }))).toStrictEqual({
      section: "cache_restore",
      error: ENVELOPE_ERROR,
      eventsPath: "jobs/build/events.jsonl",
    });
    expect(failureOfPhase(job, finish("job.cache_save"))).toStrictEqual({
      section: "cache_save",
      eventsPath: "jobs/build/events.jsonl",
    });
  });
});
