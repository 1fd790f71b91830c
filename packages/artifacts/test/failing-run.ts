import { errorCode, type EventError, epochMs, jobId, type RunResult } from "@loom/core";
import type { RunRecorder } from "../src/write/run-recorder.ts";
import { graphOf } from "@loom/testkit";
import type { RecordScript } from "./record-script.ts";

const error: EventError = { code: "exit_code", message: "Step 2 exited with code 3" };

const PHASE_REPORT = {
  schema_version: "v1",
  kind: "loom-run-local-phase-report",
  run_id: "loom-run-local-1",
  pipeline_id: "loom-local-1",
  status: "valid",
};

/** How {@link playFailingRun} ends. */
export const FAILING_RESULT: RunResult = {
  status: "failure",
  exitCode: 1,
  error: { ...error, jobId: jobId("test") },
  failedJobIds: [jobId("test")],
};

/**
 * Plays a run of four jobs: one passes with a cache, one fails in its second
 * step of three, one fails in its set-up and is tolerated, one is skipped.
 */
export function playFailingRun(run: RecordScript, recorder: RunRecorder): void {
  run.runStart("run.bootstrap");
  run.graph(
    graphOf([
      { id: "build", stage: "build", script: ["make"] },
      { id: "test", script: ["echo one", "exit 3", "echo never"], needs: ["build"] },
      { id: "image", script: ["true"], allow_failure: true },
      { id: "deploy", stage: "deploy", script: ["./deploy"], needs: ["test"] },
    ]),
  );
  run.runFinish("run.bootstrap");
  run.runStart("run.pipeline_execute");
  run.pipelineStart();

  run.state("build", "pending", "ready");
  run.state("build", "ready", "running");
  run.beginAttempt("build");
  run.phaseStart("build", "job.cache_restore");
  run.section("build", "cache_restore", { facts: { key: "deps-1", hit: true, bytes: 512, duration_ms: 4 } });
  run.phaseFinish("build", "job.cache_restore");
  run.phaseStart("build", "job.execution");
  run.stepStart("build", 1);
  run.output("build", 1, "héllo\nplain\n");
  run.stepFinish("build", 1);
  run.phaseFinish("build", "job.execution");
  run.end("build", "success");

  run.state("test", "pending", "ready");
  run.state("image", "pending", "ready");
  run.state("test", "ready", "running");
  run.state("image", "ready", "running");
  run.beginAttempt("test");
  run.phaseStart("image", "job.provider_prepare");
  run.phaseStart("test", "job.execution");
  run.stepStart("test", 1);
  run.section("image", "image_build", {
    end: { status: "failed", error: { code: errorCode("no_such_image"), message: 'No image "x"' } },
  });
  run.stepFinish("test", 1);
  run.stepStart("test", 2);
  run.phaseFinish("image", "job.provider_prepare", {
    status: "failed",
    error: { code: errorCode("no_such_image"), message: 'No image "x"' },
  });
  run.phaseStart("image", "job.execution");
  run.phaseFinish("image", "job.execution", { status: "skipped" });
  run.end("image", "failed", "no_such_image");
  run.stepFinish("test", 2, { status: "failed", exit_code: 3, error });
  run.phaseFinish("test", "job.execution", { status: "failed", exit_code: 3, error });
  run.end("test", "failed", "exit_code");

  run.phaseStart("deploy", "job.cleanup");
  run.phaseFinish("deploy", "job.cleanup", { status: "skipped" });
  run.state("deploy", "pending", "skipped", { reason: "upstream_failed", blocked_by: [jobId("test")] });
  run.pipelineFinish({ status: "failed" });
  run.runFinish("run.pipeline_execute", { status: "failed" });
  run.runStart("run.finalize");
  recorder.finalDocuments({
    outcome: FAILING_RESULT,
    finishedAtMs: epochMs(run.nowMs),
    phaseReport: { status: "valid", document: PHASE_REPORT },
  });
  run.runFinish("run.finalize");
  recorder.close();
}
