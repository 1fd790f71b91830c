// @vitest-environment jsdom
import { jobId } from "@loom/core";
import { describe, expect, test } from "vitest";
import { reportData, type RunReadings } from "./report-data-of.ts";
import { renderHtml } from "./render-html.ts";

const HOSTILE = `</script><script>alert(1)</script><!--<script><img src=x onerror=alert(1)>"'&\u2028`;

const READINGS: RunReadings = {
  runId: HOSTILE,
  madeAt: "2026-01-01T00:00:00.000Z",
  outcome: "failure",
  otherFailures: [],
  timeline: {
    stages: [HOSTILE],
    jobs: [
      {
        jobId: jobId(HOSTILE),
        stage: HOSTILE,
        needs: [],
        when: "on_success",
        allowFailure: false,
        readyMs: 0,
        startedMs: 5,
        endedMs: 20,
        status: "failed",
        blockedBy: [],
      },
    ],
    concurrency: 2,
    failFast: false,
    durationMs: 20,
  },
  nodes: [],
  jobManifests: new Map(),
  spans: [],
  logs: new Map([[HOSTILE, { lines: 1, runs: [{ first: 1, lines: 1, step: 1 }] }]]),
};

describe("renderHtml()", () => {
  test("renderHtml() keeps names that would be markup as text, everywhere", () => {
    const data = reportData(READINGS);
    const html = renderHtml({ data, logs: new Map([[HOSTILE, "H4sI"]]) }, { script: "1;", style: "a{}" });
    const document = new DOMParser().parseFromString(html, "text/html");
    expect([...document.querySelectorAll("script")].map(({ type, id }) => `${type} ${id}`)).toStrictEqual([
      "application/json loom-report",
      "text/plain loom-log-0",
      " ",
    ]);
    expect(document.querySelectorAll("img")).toHaveLength(0);
    expect(JSON.parse(document.getElementById("loom-report")?.textContent ?? "")).toStrictEqual(data);
    expect(document.title).toBe(`failure: ${HOSTILE} – Loom report`);
  });
});

describe("reportData()", () => {
  test("reportData() counts a failure that is allowed as such, and tells why a job ran when it did", () => {
    const [job] = READINGS.timeline.jobs;
    if (job === undefined) throw new Error("There is no job");
    const timeline = {
      ...READINGS.timeline,
      jobs: [job, { ...job, jobId: jobId("lint"), allowFailure: true }],
    };
    const { job_counts: counts, jobs, time, logs } = reportData({ ...READINGS, timeline, logs: undefined });
    expect(counts).toStrictEqual({
      total: 2,
      success: 0,
      failed: 1,
      allowed: 1,
      skipped: 0,
      cancelled: 0,
      open: 0,
    });
    expect(jobs[1]).toStrictEqual({
      job_id: "lint",
      stage: HOSTILE,
      needs: [],
      status: "failed",
      allowed: true,
      blocked_by: [],
      sentence: '"lint" started after 5 ms, having waited 5 ms for a free slot, and failed after 15 ms',
      ready_ms: 0,
      started_ms: 5,
      ended_ms: 20,
      attempts: [],
      steps: [],
    });
    expect([time.duration_ms, time.slots, logs]).toStrictEqual([20, 2, "left_out"]);
  });
});
