import { errorCode } from "@loom/core";
import { graphNode, graphOf, ScriptedRun } from "@loom/testkit";
import { expect, test } from "vitest";
import { runState } from "./run-state.ts";
import { ViewModel } from "./view-model.ts";

test("runState() is the job table as a document, whatever a job is at", () => {
  const model = new ViewModel();
  const run = new ScriptedRun(model);
  expect(runState(model)).toMatchObject({ phase: "starting", stages: [], jobs: [], counts: { total: 0 } });
  run.begins(
    graphOf([
      graphNode("lint", "check", { script: ["pnpm install", "pnpm lint"] }),
      graphNode("unit", "check"),
      graphNode("docs", "check", { allow_failure: true }),
      graphNode("e2e", "late", { needs: ["unit"] }),
      graphNode("more", "late"),
    ]),
  );
  run.starts("lint");
  run.stepStarts("lint", 2);
  run.starts("unit");
  run.stepStarts("unit", 1);
  const failed = {
    exitCode: 3,
    error: { code: errorCode("exit_code"), message: "Step 1 exited with code 3" },
  };
  run.stepEnds("unit", 1, failed);
  run.executionEnds("unit", failed);
  run.settles("unit", "failed");
  run.skips("e2e", "stage_blocked", ["unit"]);
  const state = runState(model);
  expect(state).toMatchObject({
    schema_version: "v1",
    kind: "loom-run-state",
    phase: "running",
    stages: [
      { name: "check", job_ids: ["lint", "unit", "docs"] },
      { name: "late", job_ids: ["e2e", "more"] },
    ],
    counts: { total: 5, pending: 2, ready: 0, running: 1, failed: 1, failed_allowed: 0, blocked: 1 },
  });
  expect(state.jobs).toMatchObject([
    { job_id: "lint", status: "running", attempt: 1, step: 2, command: "pnpm lint" },
    { job_id: "unit", status: "failed", attempt: 1, blocking: true, step: 1, exit_code: 3 },
    { job_id: "docs", stage: "check", status: "pending" },
    { job_id: "e2e", status: "skipped", skip_reason: "stage_blocked", blocked_by: ["unit"] },
    { job_id: "more", status: "pending" },
  ]);
  expect(state.jobs[1]?.finished_at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
});

test("runState() counts a job that is held as running, as its status says; the view tells them apart", () => {
  const model = new ViewModel();
  const run = new ScriptedRun(model);
  run.begins(graphOf([graphNode("lint", "check")]));
  run.starts("lint");
  run.stepStarts("lint", 1);
  run.stepEnds("lint", 1, { exitCode: 3 });
  run.logs({ kind: "run" }, "warn", "Held", { job_paused: "lint", step: 1, timeout_ms: 60_000 });
  expect(model.counts).toMatchObject({ total: 1, held: 1, running: 0 });
  const { counts, jobs } = runState(model);
  expect(counts).toMatchObject({ total: 1, running: 1 });
  expect(counts).not.toHaveProperty("held");
  expect(jobs).toMatchObject([{ status: "running", paused: { step: 1 } }]);
});

test("runState() leaves out a time that a damaged record does not tell", () => {
  const model = new ViewModel();
  new ScriptedRun(model).begins(graphOf([graphNode("lint", "check")]));
  const event = {
    seq: 9,
    ts: "yesterday",
    event: "job_state",
    job_id: "lint",
    from: "ready",
    to: "running",
  } as never;
  model.record({ kind: "pipeline" }, event);
  expect(runState(model).jobs).toEqual([{ job_id: "lint", stage: "check", status: "running", attempt: 1 }]);
});
