import { describe, expect, test } from "vitest";
import { jobId, runIdentity } from "@loom/core";
import { encodeEvent } from "./encode-event.ts";

const { runId, pipelineId } = runIdentity(1n);

describe("encodeEvent()", () => {
  test("encodeEvent() writes the keys of a finish in the order of the contract, whatever order they came in", () => {
    expect(
      encodeEvent({
        error: { message: 'exit "3"', code: "exit_code" },
        signal: "SIGKILL",
        exit_code: 3,
        duration_ms: 12,
        status: "failed",
        attempt: 2,
        step: 1,
        job_id: jobId("build"),
        phase_family: "step",
        phase_code: "step.script",
        scope: "step",
        pipeline_id: pipelineId,
        run_id: runId,
        schema_version: "loom.runtime.logs.v2",
        event: "phase_finish",
        ts: "2026-01-01T00:00:00.000Z",
        seq: 7,
      }),
    ).toMatchInlineSnapshot(
      `"{"seq":7,"ts":"2026-01-01T00:00:00.000Z","event":"phase_finish","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1","pipeline_id":"loom-local-1","scope":"step","phase_code":"step.script","phase_family":"step","job_id":"build","step":1,"attempt":2,"status":"failed","duration_ms":12,"exit_code":3,"signal":"SIGKILL","error":{"code":"exit_code","message":"exit \\"3\\""}}"`,
    );
  });

  test("encodeEvent() writes where a phase begins", () => {
    expect(
      encodeEvent({
        attempt: 2,
        section: "cleanup",
        job_id: jobId("build"),
        phase_family: "cleanup",
        phase_code: "job.cleanup",
        scope: "job",
        pipeline_id: pipelineId,
        run_id: runId,
        schema_version: "loom.runtime.logs.v2",
        event: "phase_start",
        ts: "2026-01-01T00:00:00.000Z",
        seq: 6,
      }),
    ).toMatchInlineSnapshot(
      `"{"seq":6,"ts":"2026-01-01T00:00:00.000Z","event":"phase_start","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1","pipeline_id":"loom-local-1","scope":"job","phase_code":"job.cleanup","phase_family":"cleanup","job_id":"build","section":"cleanup","attempt":2}"`,
    );
  });

  test("encodeEvent() writes the facts of a log in their own order, after its message", () => {
    expect(
      encodeEvent({
        hit: true,
        message: "Restored",
        level: "info",
        cache_key: "k-1",
        event: "log",
        ts: "2026-01-01T00:00:00.000Z",
        seq: 8,
      }),
    ).toMatchInlineSnapshot(
      `"{"seq":8,"ts":"2026-01-01T00:00:00.000Z","event":"log","level":"info","message":"Restored","hit":true,"cache_key":"k-1"}"`,
    );
  });

  test("encodeEvent() leaves out what is absent", () => {
    expect(
      encodeEvent({
        seq: 9,
        ts: "2026-01-01T00:00:00.000Z",
        event: "job_state",
        job_id: jobId("build"),
        from: "ready",
        to: "running",
      }),
    ).toMatchInlineSnapshot(
      `"{"seq":9,"ts":"2026-01-01T00:00:00.000Z","event":"job_state","job_id":"build","from":"ready","to":"running"}"`,
    );
  });

  test("encodeEvent() writes why a job changed its state, after the states", () => {
    expect(
      encodeEvent({
        kept_from: runId,
        blocked_by: [jobId("lint"), jobId("build")],
        reason: "kept",
        to: "success",
        from: "ready",
        job_id: jobId("test"),
        event: "job_state",
        ts: "2026-01-01T00:00:00.000Z",
        seq: 10,
      }),
    ).toMatchInlineSnapshot(
      `"{"seq":10,"ts":"2026-01-01T00:00:00.000Z","event":"job_state","job_id":"test","from":"ready","to":"success","reason":"kept","blocked_by":["lint","build"],"kept_from":"loom-run-local-1"}"`,
    );
  });
});
