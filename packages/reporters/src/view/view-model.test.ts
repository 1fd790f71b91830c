import { errorCode, jobId } from "@loom/core";
import { describe, expect, test } from "vitest";
import { ScriptedRun, graphNode, graphOf, playFailure } from "@loom/testkit";
import { countKey, noJobs } from "./job-counts.ts";
import { ViewModel } from "./view-model.ts";

function follow(): { readonly model: ViewModel; readonly run: ScriptedRun } {
  const model = new ViewModel();
  const sink = {
    record: model.record.bind(model),
    lines: model.lines.bind(model),
    flush: () => undefined,
  };
  return { model, run: new ScriptedRun(sink) };
}

const EXIT_1 = { exitCode: 1, error: { code: "exit_code" as const, message: "Step 2 exited with code 1" } };

describe("ViewModel", () => {
  test("learns stages and jobs from the graph in the run's stream, empty stages included", () => {
    const { model, run } = follow();
    const graph = graphOf([
      graphNode("b", "two"),
      graphNode("a", "one"),
      graphNode("c", "two", { allow_failure: true }),
    ]);
    run.begins({ ...graph, stages: ["one", "none", "two"] });
    const view = model.view();
    expect(view.jobs.map((job) => [job.stage, job.jobId, job.allowFailure])).toEqual([
      ["one", "a", false],
      ["two", "b", false],
      ["two", "c", true],
    ]);
    expect(view.stages.map(({ name, firstJob, counts }) => [name, firstJob, counts.total])).toEqual([
      ["one", 0, 1],
      ["none", 1, 0],
      ["two", 1, 2],
    ]);
    expect(view.phase).toBe("running");
  });

  test("knows where jobs work, once the run says", () => {
    const { model } = follow();
    expect(model.view().workspace).toBeUndefined();
    const told = {
      seq: 1,
      ts: "2026-01-01T00:00:00.000Z",
      event: "log",
      level: "info",
      message: "",
    } as const;
    model.record({ kind: "run" }, { ...told, workspace: "/repo" });
    expect(model.view().workspace).toEqual({ path: "/repo", isSnapshot: false });
    model.record({ kind: "run" }, { ...told, workspace: "/cache/one", snapshot_path: "/cache" });
    expect(model.view().workspace).toEqual({ path: "/cache/one", isSnapshot: true });
  });

  test("shows what a running job is doing", () => {
    const { model, run } = follow();
    run.begins(graphOf([graphNode("lint", "check", { script: ["pnpm install", "pnpm lint"] })]));
    run.starts("lint");
    run.stepStarts("lint", 2);
    expect(model.job(jobId("lint"))).toEqual({
      jobId: "lint",
      stage: "check",
      allowFailure: false,
      status: "running",
      attempt: 1,
      startedAtMs: run.nowMs,
      unit: { kind: "step", step: 2, command: "pnpm lint" },
    });
    run.stepEnds("lint", 2);
    expect(model.job(jobId("lint"))).not.toHaveProperty("unit");
  });

  test("counts the caches that a section found, missed and saved, each once", () => {
    const { model, run } = follow();
    run.begins(graphOf([graphNode("lint", "check")]));
    run.jobMoves("lint", "pending", "running");
    const each = (fact: string) =>
      [true, false, false].map((value) => ({
        message: "One cache",
        facts: { [fact]: value, bytes: 7, duration_ms: 1 },
      }));
    const sum = { message: "All of them", facts: { hit: false, saved: true, bytes: 7 } };
    run.caches("lint", "cache_restore", [...each("hit"), sum]);
    run.caches("lint", "cache_save", [...each("saved"), sum]);
    expect(model.units(jobId("lint")).map(({ caches }) => caches)).toEqual([
      { hits: 1, misses: 2, saved: 0 },
      { hits: 0, misses: 0, saved: 1 },
    ]);
  });

  test("explains a failure by the step that failed, with its last lines", () => {
    const { model, run } = follow();
    run.begins(graphOf([graphNode("lint", "check", { script: ["a", "b"] })]));
    run.starts("lint");
    run.stepStarts("lint", 1);
    run.prints("lint", 1, ["of the first step"]);
    run.stepEnds("lint", 1);
    run.stepStarts("lint", 2);
    run.prints("lint", 2, ["one", "two"]);
    run.wait(5000);
    run.stepEnds("lint", 2, EXIT_1);
    run.executionEnds("lint", EXIT_1);
    const late = { error: { code: errorCode("late"), message: "not the cause" } };
    run.cleansUp("lint", late, () => run.section("lint", "cleanup", late));
    run.jobMoves("lint", "running", "failed", "exit_code");
    expect(model.job(jobId("lint"))).toEqual({
      jobId: "lint",
      stage: "check",
      allowFailure: false,
      status: "failed",
      blocking: true,
      attempt: 1,
      startedAtMs: run.nowMs - 5000,
      finishedAtMs: run.nowMs,
      failure: {
        unit: { kind: "step", step: 2, command: "b" },
        exitCode: 1,
        error: EXIT_1.error,
        lines: ["one", "two"],
      },
    });
  });

  test("explains a failure by the step that decided, not by one that may fail or runs after it", () => {
    const { model, run } = follow();
    run.begins(
      graphOf([
        graphNode("lint", "check", {
          script: ["a", "b"],
          after_script: ["c"],
          step_options: [{ step: 1, allow_failure: true }],
        }),
      ]),
    );
    run.starts("lint");
    for (const [step, exitCode] of [2, 3, 4].entries()) {
      run.stepStarts("lint", step + 1);
      run.prints("lint", step + 1, [`of step ${step + 1}`]);
      run.stepEnds("lint", step + 1, { exitCode, ...(step === 0 && { tolerated: true }) });
    }
    run.executionEnds("lint", { exitCode: 3 });
    run.settles("lint", "failed", "exit_code");
    expect(model.job(jobId("lint"))).toMatchObject({
      failure: { unit: { kind: "step", step: 2, command: "b" }, exitCode: 3, lines: ["of step 2"] },
    });
  });

  test("gives the lines of a failure with paths into the snapshot relative to the project", () => {
    const { model, run } = follow();
    run.begins(graphOf([graphNode("lint", "check")]));
    const workplace = { workspace: "/cache/run-1", snapshot_path: "/cache/run-1" };
    run.logs({ kind: "run" }, "info", "Jobs work in a snapshot of the checkout", workplace);
    run.starts("lint");
    run.stepStarts("lint", 1);
    run.prints("lint", 1, ["\u001B[96m/cache/run-1/src/a.ts\u001B[0m:1:7 - error", "/cache/run-2/src/b.ts"]);
    run.stepEnds("lint", 1, EXIT_1);
    run.executionEnds("lint", EXIT_1);
    run.jobMoves("lint", "running", "failed", "exit_code");
    expect(model.job(jobId("lint"))).toMatchObject({
      failure: { lines: ["\u001B[96msrc/a.ts\u001B[0m:1:7 - error", "/cache/run-2/src/b.ts"] },
    });
  });

  test("explains a failed set-up by its section, and not by a section that failed without harm", () => {
    const { model, run } = follow();
    const job = { kind: "job", jobId: jobId("lint") } as const;
    run.begins(graphOf([graphNode("lint", "check")]));
    run.jobMoves("lint", "pending", "running");
    run.phaseStarts(job, "job.cache_restore");
    run.section("lint", "cache_restore", { error: { code: errorCode("cache"), message: "harmless" } });
    run.phaseEnds(job, "job.cache_restore");
    run.phaseStarts(job, "job.artifact_save");
    run.section("lint", "artifact_save", { error: { code: errorCode("disk"), message: "No space left" } });
    run.phaseEnds(job, "job.artifact_save", { error: { code: errorCode("disk"), message: "No space left" } });
    run.settles("lint", "failed", "disk");
    expect(model.job(jobId("lint"))).toMatchObject({
      failure: {
        unit: { kind: "section", section: "artifact_save" },
        error: { code: errorCode("disk"), message: "No space left" },
        lines: [],
      },
    });
  });

  test("forgets the failure of an earlier attempt", () => {
    const { model, run } = follow();
    run.begins(graphOf([graphNode("flaky", "check", { allow_failure: true })]));
    run.starts("flaky");
    run.stepStarts("flaky", 1);
    run.stepEnds("flaky", 1, { exitCode: 1 });
    run.executionEnds("flaky", { exitCode: 1 });
    run.prepares("flaky", 2);
    run.stepStarts("flaky", 1);
    run.stepEnds("flaky", 1, { exitCode: 2 });
    run.executionEnds("flaky", { exitCode: 2 });
    run.settles("flaky", "failed");
    expect(model.job(jobId("flaky"))).toMatchObject({
      attempt: 2,
      blocking: false,
      failure: { exitCode: 2 },
    });
  });

  test("counts jobs as a recount of its own view does, after every record", () => {
    const model = new ViewModel();
    const recount = (): void => {
      const view = model.view();
      const all = noJobs();
      for (const job of view.jobs) {
        all.total += 1;
        all[countKey(job)] += 1;
      }
      expect(view.counts).toEqual(all);
      expect(view.stages.reduce((sum, stage) => sum + stage.counts.total, 0)).toBe(all.total);
    };
    const checked = new ScriptedRun({
      record: (stream, record) => {
        model.record(stream, record);
        recount();
      },
      lines: (stream, batch) => model.lines(stream, batch),
      flush: () => undefined,
    });
    playFailure(checked);
    expect(model.view()).toMatchObject({
      phase: "finished",
      counts: { total: 9, success: 4, failed: 1, failedAllowed: 1, blocked: 3, waiting: 0, running: 0 },
      runningIds: [],
      endedIds: ["install", "format", "lint", "typecheck", "unit", "integration", "audit", "docs", "image"],
      failedIds: ["lint", "docs"],
      firstFailureId: "lint",
    });
  });

  test("gives the same view until something changes; output changes nothing", () => {
    const { model, run } = follow();
    run.begins(graphOf([graphNode("a", "s")]));
    run.starts("a");
    run.stepStarts("a", 1);
    const view = model.view();
    run.prints("a", 1, ["flood"]);
    expect(model.view()).toBe(view);
    run.stepEnds("a", 1);
    expect(model.view()).not.toBe(view);
    expect(view.jobs[0]).toHaveProperty("unit");
  });

  test("follows streams whose graph it never saw", () => {
    const { model, run } = follow();
    run.runs("a", 1000, [], { exitCode: 1 });
    run.skips("b", "upstream_failed", ["a"]);
    expect(model.view().jobs.map((job) => [job.jobId, job.status])).toEqual([
      ["a", "failed"],
      ["b", "skipped"],
    ]);
  });
});
