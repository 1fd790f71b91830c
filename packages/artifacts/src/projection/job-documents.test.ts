import { jobId, runIdentity, type EventError } from "@loom/core";
import { graphNode } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { jobRecord, sectionsOf } from "../../test/job-record.ts";
import { isBlocking, jobManifest, jobSummary, sectionSummary, stepSummary } from "./job-documents.ts";
import type { JobEnd, JobFailure, SectionRecord, SectionRecordEnd, StepRecord } from "./job-record.ts";

const IDENTITY = runIdentity(1n);
const ERROR: EventError = { code: "exit_code", message: "Step 2 exited with code 3" };
const SCRIPT = "jobs/build/user/execution/script";
const STARTED = "2026-03-07T06:40:00.100Z";
const FINISHED = "2026-03-07T06:40:00.400Z";
const SPAN = { finishedAt: FINISHED, durationMs: 300 };
const HEAD = {
  schema_version: "loom.runtime.logs.v2",
  run_id: IDENTITY.runId,
  pipeline_id: IDENTITY.pipelineId,
  job_id: "build",
};
const TIMES = { started_at: STARTED, finished_at: FINISHED, duration_ms: 300 };

type EndedSection = SectionRecord & { readonly end: SectionRecordEnd };

function step<More extends Partial<StepRecord>>(number: number, more: More): StepRecord & More {
  return {
    step: number,
    startedAt: STARTED,
    outputLines: 4,
    outputBytes: 57,
    unfinished: new Set(),
    ...more,
  };
}

function end(more: Partial<JobEnd>): JobEnd {
  return { status: "success", ...SPAN, ...more };
}

const PROVIDER: EndedSection = {
  section: "provider",
  phaseCode: "job.provider_prepare",
  startedAt: STARTED,
  end: { status: "success", ...SPAN },
};
const RESTORE: EndedSection = {
  section: "cache_restore",
  phaseCode: "job.cache_restore",
  startedAt: STARTED,
  key: "npm-1",
  hit: true,
  bytes: 512,
  caches: [{ key: "npm-1", hit: true, bytes: 512, duration_ms: 4 }],
  end: { status: "failed", ...SPAN, error: ERROR },
};
const FAILURE: JobFailure = {
  section: "execution",
  step: 2,
  exitCode: 3,
  error: ERROR,
  eventsPath: `${SCRIPT}/02/events.jsonl`,
};

describe("stepSummary()", () => {
  test("stepSummary() tells how a step ended and what it put out", () => {
    const ended = step(2, { end: { status: "failed", exitCode: 3, ...SPAN } as const });
    expect(stepSummary(IDENTITY, jobRecord(), ended)).toStrictEqual({
      ...HEAD,
      step: 2,
      command: "make check",
      status: "failed",
      exit_code: 3,
      ...TIMES,
      output_lines: 4,
      output_bytes: 57,
      events_path: `${SCRIPT}/02/events.jsonl`,
    });
  });

  test("stepSummary() names the signal that ended a step in place of an exit code", () => {
    const ended = step(1, { end: { status: "failed", signal: "SIGKILL", ...SPAN } as const });
    expect(stepSummary(IDENTITY, jobRecord(), ended)).toStrictEqual({
      ...HEAD,
      step: 1,
      command: "make",
      status: "failed",
      signal: "SIGKILL",
      ...TIMES,
      output_lines: 4,
      output_bytes: 57,
      events_path: `${SCRIPT}/01/events.jsonl`,
    });
  });

  test("stepSummary() points a step of a replaced attempt at that attempt, and knows no command beyond the script", () => {
    const ended = step(3, { end: { status: "cancelled", ...SPAN } as const });
    expect(stepSummary(IDENTITY, jobRecord(), ended, 1)).toStrictEqual({
      ...HEAD,
      step: 3,
      command: "",
      status: "cancelled",
      ...TIMES,
      output_lines: 4,
      output_bytes: 57,
      events_path: "jobs/build/user/execution/attempts/1/script/03/events.jsonl",
    });
  });
});

describe("sectionSummary()", () => {
  test("sectionSummary() tells how a section ended and nothing of caches that it has none of", () => {
    expect(sectionSummary(IDENTITY, jobRecord(), PROVIDER)).toStrictEqual({
      ...HEAD,
      section: "provider",
      phase_code: "job.provider_prepare",
      status: "success",
      ...TIMES,
      events_path: "jobs/build/system/provider/events.jsonl",
    });
  });

  test("sectionSummary() tells the error of a section and the facts of its caches", () => {
    expect(sectionSummary(IDENTITY, jobRecord(), RESTORE)).toStrictEqual({
      ...HEAD,
      section: "cache_restore",
      phase_code: "job.cache_restore",
      status: "failed",
      ...TIMES,
      error: ERROR,
      events_path: "jobs/build/system/cache_restore/events.jsonl",
      key: "npm-1",
      hit: true,
      bytes: 512,
      caches: RESTORE.caches,
    });
  });
});

describe("jobSummary()", () => {
  test("jobSummary() of a success has an exit code and no error, whatever an attempt before it said", () => {
    const job = {
      ...jobRecord({ attempts: 2, startedAt: STARTED, failure: FAILURE }),
      end: end({ exitCode: 0 }),
    };
    expect(jobSummary(IDENTITY, job)).toStrictEqual({
      ...HEAD,
      stage: "compile",
      status: "success",
      blocking: true,
      exit_code: 0,
      attempts: 2,
      ...TIMES,
      manifest_path: "jobs/build/manifest.json",
    });
  });

  test("jobSummary() of a failure tells its error", () => {
    const node = graphNode("build", "compile", { allow_failure: true });
    const failed = end({ status: "failed", exitCode: 3 });
    const job = { ...jobRecord({ node, startedAt: STARTED, failure: FAILURE }), end: failed };
    expect(jobSummary(IDENTITY, job)).toStrictEqual({
      ...HEAD,
      stage: "compile",
      status: "failed",
      blocking: false,
      exit_code: 3,
      attempts: 1,
      ...TIMES,
      error: ERROR,
      manifest_path: "jobs/build/manifest.json",
    });
  });

  test.each([
    ["that says no more", { eventsPath: "jobs/build/events.jsonl" }],
    ["that is not known", undefined],
  ])("jobSummary() tells no error of a failure %s", (_, failure) => {
    const known = failure === undefined ? {} : { failure };
    const job = { ...jobRecord({ startedAt: STARTED, ...known }), end: end({ status: "failed" }) };
    expect(jobSummary(IDENTITY, job)).toStrictEqual({
      ...HEAD,
      stage: "compile",
      status: "failed",
      blocking: true,
      attempts: 1,
      ...TIMES,
      manifest_path: "jobs/build/manifest.json",
    });
  });

  test("jobSummary() of a job that never started has no start but a reason", () => {
    const skipped = end({ status: "skipped", durationMs: 0, skipReason: "not_selected" });
    expect(jobSummary(IDENTITY, { ...jobRecord({ attempts: 0 }), end: skipped })).toStrictEqual({
      ...HEAD,
      stage: "compile",
      status: "skipped",
      blocking: true,
      attempts: 0,
      finished_at: FINISHED,
      duration_ms: 0,
      skip_reason: "not_selected",
      manifest_path: "jobs/build/manifest.json",
    });
  });
});

describe("jobManifest()", () => {
  test("jobManifest() lists steps and sections that ended, and points at the step that failed", () => {
    const artifacts = { archive_path: "a.tar", files: [{ path: "out", size: 1, sha256: "00" }] };
    const unended: SectionRecord = { section: "cleanup", phaseCode: "job.cleanup", startedAt: STARTED };
    const job = {
      ...jobRecord({
        node: graphNode("build", "compile", { script: ["make", "make check", "make it", "make sure"] }),
        provider: "host",
        steps: [
          step(1, { end: { status: "success", exitCode: 0, ...SPAN } }),
          step(2, { end: { status: "failed", signal: "SIGTERM", ...SPAN } }),
          step(3, {}),
        ],
        sections: sectionsOf(PROVIDER, RESTORE, unended),
        artifacts,
        failure: FAILURE,
      }),
      end: end({ status: "failed", exitCode: 3 }),
    };
    expect(jobManifest(IDENTITY, job)).toStrictEqual({
      ...HEAD,
      status: "failed",
      provider: "host",
      failing_section: "execution",
      failing_step: 2,
      failing_step_events_path: `${SCRIPT}/02/events.jsonl`,
      failing_events_path: `${SCRIPT}/02/events.jsonl`,
      steps: [
        {
          step: 1,
          command: "make",
          status: "success",
          exit_code: 0,
          duration_ms: 300,
          output_lines: 4,
          summary_path: `${SCRIPT}/01/summary.json`,
          events_path: `${SCRIPT}/01/events.jsonl`,
        },
        {
          step: 2,
          command: "make check",
          status: "failed",
          duration_ms: 300,
          output_lines: 4,
          summary_path: `${SCRIPT}/02/summary.json`,
          events_path: `${SCRIPT}/02/events.jsonl`,
        },
        { step: 3, command: "make it", status: "skipped" },
        { step: 4, command: "make sure", status: "skipped" },
      ],
      system_sections: [
        {
          section: "provider",
          phase_code: "job.provider_prepare",
          status: "success",
          duration_ms: 300,
          summary_path: "jobs/build/system/provider/summary.json",
          events_path: "jobs/build/system/provider/events.jsonl",
        },
        {
          section: "cache_restore",
          phase_code: "job.cache_restore",
          status: "failed",
          duration_ms: 300,
          caches: RESTORE.caches,
          summary_path: "jobs/build/system/cache_restore/summary.json",
          events_path: "jobs/build/system/cache_restore/events.jsonl",
        },
      ],
      artifacts,
      events_path: "jobs/build/events.jsonl",
    });
  });

  test("jobManifest() points at the section that failed when no step did", () => {
    const eventsPath = "jobs/build/system/cleanup/events.jsonl";
    const job = jobRecord({
      node: graphNode("build", "compile", { script: [] }),
      failure: { section: "cleanup", eventsPath },
    });
    expect(jobManifest(IDENTITY, { ...job, end: end({ status: "failed" }) })).toStrictEqual({
      ...HEAD,
      status: "failed",
      failing_section: "cleanup",
      failing_events_path: eventsPath,
      steps: [],
      system_sections: [],
      events_path: "jobs/build/events.jsonl",
    });
  });

  test("jobManifest() points at the job's own records when nothing tells what failed", () => {
    const job = jobRecord({ node: graphNode("build", "compile", { script: [] }) });
    expect(jobManifest(IDENTITY, { ...job, end: end({ status: "failed" }) })).toStrictEqual({
      ...HEAD,
      status: "failed",
      failing_events_path: "jobs/build/events.jsonl",
      steps: [],
      system_sections: [],
      events_path: "jobs/build/events.jsonl",
    });
  });

  test("jobManifest() of a job that was kept from running says by which", () => {
    const skipped = end({ status: "skipped", skipReason: "upstream_failed", blockedBy: [jobId("lint")] });
    expect(jobManifest(IDENTITY, { ...jobRecord({ attempts: 0 }), end: skipped })).toStrictEqual({
      ...HEAD,
      status: "skipped",
      skip_reason: "upstream_failed",
      blocked_by: ["lint"],
      steps: [
        { step: 1, command: "make", status: "skipped" },
        { step: 2, command: "make check", status: "skipped" },
      ],
      system_sections: [],
      events_path: "jobs/build/events.jsonl",
    });
  });

  test("jobManifest() of a job that keeps the result of an earlier run says of which", () => {
    const node = graphNode("build", "compile", { script: [] });
    const keptFrom = runIdentity(7n).runId;
    const kept = end({ status: "skipped", skipReason: "not_selected", keptFrom });
    expect(jobManifest(IDENTITY, { ...jobRecord({ node, attempts: 0 }), end: kept })).toStrictEqual({
      ...HEAD,
      status: "skipped",
      skip_reason: "not_selected",
      kept_from: keptFrom,
      steps: [],
      system_sections: [],
      events_path: "jobs/build/events.jsonl",
    });
  });

  test("jobManifest() tells how the tests of a job came out", () => {
    const node = graphNode("build", "compile", { script: [] });
    const tests = { reports: ["junit.xml"], total: 3, failed: 0, skipped: 1, failures: [] };
    expect(jobManifest(IDENTITY, { ...jobRecord({ node, tests }), end: end({}) })).toStrictEqual({
      ...HEAD,
      status: "success",
      steps: [],
      system_sections: [],
      tests,
      events_path: "jobs/build/events.jsonl",
    });
  });

  test("jobManifest() of a cancelled job points at no failure, though a step failed on the way", () => {
    const node = graphNode("build", "compile", { script: [] });
    const job = { ...jobRecord({ node, failure: FAILURE }), end: end({ status: "cancelled" }) };
    expect(jobManifest(IDENTITY, job)).toStrictEqual({
      ...HEAD,
      status: "cancelled",
      steps: [],
      system_sections: [],
      events_path: "jobs/build/events.jsonl",
    });
  });
});

describe("isBlocking()", () => {
  test("isBlocking() holds unless a failure of the job is allowed", () => {
    const blocks = (allow?: boolean): boolean =>
      isBlocking(
        jobRecord({ node: graphNode("build", "test", allow === undefined ? {} : { allow_failure: allow }) }),
      );
    expect([blocks(), blocks(false), blocks(true)]).toStrictEqual([true, true, false]);
  });
});
