import { type EventError, epochMs, jobId, type RunResult, type StreamRef } from "@loom/core";
import { graphOf, type PlayedRun, type ScriptedEnd } from "@loom/testkit";
import type { RunRecorder } from "../src/write/run-recorder.ts";
import { beginAttempt, endJob, startJob } from "./script-run.ts";

const error: EventError = { code: "exit_code", message: "Step 2 exited with code 3" };
const FAILED: ScriptedEnd = { exitCode: 3, error };
const NO_PROVIDER: ScriptedEnd = {
  error: {
    code: "provider_unavailable",
    message:
      'Cannot set the job up: it asks for image "x", and this version of loom runs jobs on the host only',
  },
};

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
export function playFailingRun(run: PlayedRun, recorder: RunRecorder): void {
  run.begins(
    graphOf([
      { id: "build", stage: "build", script: ["make"] },
      { id: "test", script: ["echo one", "exit 3", "echo never"], needs: ["build"] },
      { id: "image", script: ["true"], allow_failure: true },
      { id: "deploy", stage: "deploy", script: ["./deploy"], needs: ["test"] },
    ]),
  );

  startJob(run, "build");
  run.caches("build", "cache_restore", [
    { message: "About cache_restore", facts: { key: "deps-1", hit: true, bytes: 512, duration_ms: 4 } },
  ]);
  run.executionStarts("build");
  run.stepStarts("build", 1);
  run.prints("build", 1, ["héllo", "plain"]);
  run.stepEnds("build", 1);
  run.executionEnds("build", { status: "success" });
  endJob(run, "build", "success");

  const image: StreamRef = { kind: "job", jobId: jobId("image") };
  run.jobMoves("test", "pending", "ready");
  run.jobMoves("image", "pending", "ready");
  run.jobMoves("test", "ready", "running");
  run.jobMoves("image", "ready", "running");
  beginAttempt(run, "test");
  run.phaseStarts(image, "job.provider_prepare");
  run.executionStarts("test");
  run.stepStarts("test", 1);
  run.section("image", "image_build", NO_PROVIDER);
  run.stepEnds("test", 1);
  run.stepStarts("test", 2);
  run.phaseEnds(image, "job.provider_prepare", NO_PROVIDER);
  run.executionStarts("image");
  run.executionEnds("image", { status: "skipped" });
  endJob(run, "image", "failed", "provider_unavailable");
  run.stepEnds("test", 2, FAILED);
  run.executionEnds("test", FAILED);
  endJob(run, "test", "failed", "exit_code");

  run.cleansUp("deploy", { status: "skipped" });
  run.jobMoves("deploy", "pending", "skipped", "upstream_failed", ["test"]);
  run.ends("failed", () => {
    recorder.finalDocuments({
      outcome: FAILING_RESULT,
      finishedAtMs: epochMs(run.nowMs),
      phaseReport: { status: "valid", document: PHASE_REPORT },
    });
  });
  recorder.close();
}
