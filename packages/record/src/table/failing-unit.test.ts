import {
  EVENT_SCHEMA_VERSION,
  jobId,
  PHASES,
  runIdentity,
  type EventError,
  type GraphNode,
  type PhaseCode,
  type PhaseFinishEvent,
  type SectionName,
} from "@loom/core";
import { describe, expect, test } from "vitest";
import { FailingUnits, stepFailsJob, type FailingUnit } from "./failing-unit.ts";

const BUILD = jobId("build");
const NODE: GraphNode = {
  id: "build",
  stage: "s",
  target: "linux",
  before_script: ["a"],
  script: ["b", "c"],
  after_script: ["d"],
};
const ERROR: EventError = { code: "provider_unavailable", message: "No engine answers" };
const LOST = { code: "worker_lost", message: "It does not answer" } as const;
const PHASE_ERROR: EventError = { code: "CACHE_IO", message: "The phase failed" };

function ended(phase: PhaseCode, more: Partial<PhaseFinishEvent> = {}): PhaseFinishEvent {
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

/** Follows one job. */
class Job {
  readonly #units = new FailingUnits();

  get failing(): FailingUnit | undefined {
    return this.#units.of(BUILD);
  }

  /** As it is named in a message. */
  get cause(): string | undefined {
    const { stream, end } = this.failing ?? {};
    if (stream?.kind === "step") return `step ${stream.step}`;
    return stream?.kind === "section" ? stream.section : end?.phase_code;
  }

  step(step: number, more: Partial<PhaseFinishEvent> = {}): void {
    const end = ended("step.script", { step, exit_code: step, ...more });
    this.#units.record({ kind: "step", jobId: BUILD, step }, end, NODE);
  }

  section(section: SectionName, phase: PhaseCode, more: Partial<PhaseFinishEvent> = {}): void {
    this.#units.record({ kind: "section", jobId: BUILD, section }, ended(phase, { section, ...more }), NODE);
  }

  phase(phase: PhaseCode, more: Partial<PhaseFinishEvent> = {}): void {
    this.#units.record({ kind: "job", jobId: BUILD }, ended(phase, more), NODE);
  }

  begins(phase: PhaseCode): void {
    const { status: _status, duration_ms: _duration, ...fields } = ended(phase);
    this.#units.record({ kind: "job", jobId: BUILD }, { ...fields, event: "phase_start" }, NODE);
  }
}

describe("stepFailsJob()", () => {
  test.each([
    ["a step of before_script", { step: 1 }, true],
    ["a step of script", { step: 3 }, true],
    ["a step that may fail", { step: 3, tolerated: true }, false],
    ["a step of after_script", { step: 4 }, false],
    ["a step of after_script whose worker was lost", { step: 4, error: LOST }, true],
    ["a step that passed", { step: 3, status: "success" }, false],
    ["a step that was cancelled", { step: 3, status: "cancelled" }, false],
    ["what is no step", {}, false],
  ] as const)("of %s", (_what, end, isFailure) => {
    expect(stepFailsJob(NODE, ended("step.script", end))).toBe(isFailure);
  });

  test("takes every step for one that decides where the job is not known", () => {
    expect(stepFailsJob(undefined, ended("step.script", { step: 4 }))).toBe(true);
  });
});

describe("FailingUnits", () => {
  test("names the step that failed the job, and no step that came after it", () => {
    const job = new Job();
    job.step(1, { tolerated: true });
    expect(job.failing).toBeUndefined();
    job.step(2);
    job.step(4);
    job.phase("job.execution", { exit_code: 2 });
    job.phase("job.artifact_save", { error: PHASE_ERROR });
    expect(job.cause).toBe("step 2");
    expect(job.failing?.end.exit_code).toBe(2);
  });

  test("names nothing where only a step of after_script failed", () => {
    const job = new Job();
    job.step(4);
    job.phase("job.execution", { status: "success" });
    expect(job.failing).toBeUndefined();
  });

  test("names the execution that failed without one of its steps", () => {
    const job = new Job();
    job.step(4);
    job.phase("job.execution", { error: PHASE_ERROR });
    expect(job.cause).toBe("job.execution");
  });

  test("names the section that failed first in the phase that did, with what it says", () => {
    const job = new Job();
    job.section("cache_save", "job.cache_save");
    job.section("image_build", "job.provider_prepare", { error: ERROR });
    job.section("services", "job.provider_prepare");
    expect(job.failing).toBeUndefined();
    job.phase("job.provider_prepare", { error: PHASE_ERROR });
    job.phase("job.cleanup");
    expect([job.cause, job.failing?.error]).toStrictEqual(["image_build", ERROR]);
  });

  test("names a section without words of its own with those of its phase, and a phase without a section itself", () => {
    const job = new Job();
    job.section("services", "job.provider_prepare");
    job.phase("job.provider_prepare", { error: PHASE_ERROR });
    expect([job.cause, job.failing?.error]).toStrictEqual(["services", PHASE_ERROR]);
    job.begins("job.provider_prepare");
    job.phase("job.cache_save", { error: PHASE_ERROR });
    expect([job.cause, job.failing?.error]).toStrictEqual(["job.cache_save", PHASE_ERROR]);
  });

  test("forgets what an attempt failed at when the next one begins", () => {
    const job = new Job();
    job.section("services", "job.provider_prepare");
    job.step(2);
    job.begins("job.execution");
    expect(job.cause).toBe("step 2");
    job.begins("job.provider_prepare");
    expect(job.failing).toBeUndefined();
    job.phase("job.provider_prepare");
    expect(job.cause).toBe("job.provider_prepare");
  });
});
