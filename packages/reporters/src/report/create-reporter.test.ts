import { jobId } from "@loom/core";
import { describe, expect, test } from "vitest";
import {
  FAILING_OUTCOME,
  LOGS_DIR,
  RECEIPT_PATH,
  ScriptedRun,
  graphNode,
  graphOfNodes,
  playFailure,
} from "@loom/testkit";
import { createPalette } from "../text/palette.ts";
import { createReporter, type ReporterOptions } from "./create-reporter.ts";
import type { RunEnd } from "@loom/ports";

const SUCCESS: RunEnd = {
  outcome: { status: "success", exitCode: 0, failedJobIds: [] },
  receiptPath: RECEIPT_PATH,
  logsDir: LOGS_DIR,
};

const FAILURE: RunEnd = { ...SUCCESS, outcome: FAILING_OUTCOME };

function transcript(
  mode: Parameters<typeof createReporter>[0],
  play: (run: ScriptedRun) => void,
  end: RunEnd,
  more: Partial<ReporterOptions> = {},
): string {
  let text = "";
  const output = { write: (part: string) => void (text += part) };
  const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR, workers: 2 };
  const reporter = createReporter(mode, { output, heading, ...more });
  play(new ScriptedRun(reporter));
  void reporter.finish(end);
  return text;
}

describe("plain", () => {
  test("prints a line when a job starts, one when it ends, the failure, the pointers and the receipt", () => {
    expect(transcript("plain", playFailure, FAILURE)).toMatchInlineSnapshot(`
      "loom run  .loom/workflow.yml  9 jobs, 4 stages, 2 workers
      logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      start     install
      success   install      0:21
      start     lint
      start     format
      success   format       400ms
      failed    lint         0:19  step 02 exit 1
      start     typecheck
      success   typecheck    0:41
      blocked   unit         by lint
      blocked   integration  by lint
      start     audit
      success   audit        0:01
      start     docs
      failed    docs         0:02  step 01 SIGSEGV (allowed)
      blocked   image        by lint

      failed (allowed): docs › 01 make docs (SIGSEGV)
        no such page
        Step 1 was ended by SIGSEGV
        events: .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/docs/user/execution/script/01/events.jsonl

      failed: lint › 02 pnpm lint (exit 1)
        packages/core/src/plan.ts
          41:7  error  Promises must be awaited  no-floating-promises
          88:1  error  'n' is never reassigned  prefer-const
        ✗ 3 problems
        events: .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/user/execution/script/02/events.jsonl

      failure  4 success, 1 failed, 1 failed (allowed), 3 blocked  1:24
      summary:  .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/summary.json
      manifest: .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/manifest.json
      job:      .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/manifest.json
      events:   .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/user/execution/script/02/events.jsonl
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });

  test("prints no control character but newlines when colour is off", () => {
    // oxlint-disable-next-line no-control-regex -- that is what must not be there
    const control = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/;
    expect(transcript("plain", playFailure, FAILURE)).not.toMatch(control);
  });

  test("colours words and keeps the colours of the job's own lines when colour is on", () => {
    const text = transcript("plain", playFailure, FAILURE, { palette: createPalette("ansi16") });
    const lines = text.split("\n").filter((line) => line.includes("\u001B"));
    expect(lines).toMatchInlineSnapshot(`
      [
        "[1mloom run[0m  .loom/workflow.yml  9 jobs, 4 stages, 2 workers",
        "[36mstart    [0m install",
        "[32msuccess  [0m install      0:21",
        "[36mstart    [0m lint",
        "[36mstart    [0m format",
        "[32msuccess  [0m format       400ms",
        "[91;1mfailed   [0m lint         0:19  step 02 exit 1",
        "[36mstart    [0m typecheck",
        "[32msuccess  [0m typecheck    0:41",
        "[90mblocked  [0m unit         by lint",
        "[90mblocked  [0m integration  by lint",
        "[36mstart    [0m audit",
        "[32msuccess  [0m audit        0:01",
        "[36mstart    [0m docs",
        "[33mfailed   [0m docs         0:02  step 01 SIGSEGV (allowed)",
        "[90mblocked  [0m image        by lint",
        "[33mfailed (allowed):[0m [1mdocs › 01 make docs (SIGSEGV)[0m",
        "[91;1mfailed:[0m [1mlint › 02 pnpm lint (exit 1)[0m",
        "    41:7  [31merror[39m  Promises must be awaited  no-floating-promises[0m",
        "[91;1mfailure[0m  4 success, 1 failed, 1 failed (allowed), 3 blocked  1:24",
      ]
    `);
  });

  test("needs no character beyond ASCII in ASCII mode, those of the jobs excepted", () => {
    const run = (script: ScriptedRun): void => {
      script.begins(graphOfNodes([graphNode("lint", "check")]));
      script.runs("lint", 1000, ["x".repeat(500)], { exitCode: 3 });
      script.ends("failed");
    };
    const text = transcript("plain", run, { ...FAILURE }, { ascii: true });
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text).toContain(`  ${"x".repeat(197)}...\n`);
  });

  test("shows at most three failed jobs with 20 lines each and says how many more there are", () => {
    const names = ["a", "b", "c", "d", "e"];
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`);
    const play = (run: ScriptedRun): void => {
      run.begins(graphOfNodes(names.map((name) => graphNode(name, "test"))));
      for (const name of names) run.runs(name, 1000, lines, { exitCode: 2 });
      run.ends("failed");
    };
    const outcome = { ...FAILING_OUTCOME, failedJobIds: names.map(jobId) };
    const text = transcript("plain", play, {
      ...FAILURE,
      outcome: { ...outcome, error: { code: "exit_code", message: "", jobId: jobId("a") } },
    });
    expect(text.match(/^ {2}line \d+$/gm)).toHaveLength(60);
    expect(text).toContain("\n  line 31\n");
    expect(text).not.toContain("\n  line 30\n");
    expect(text).toContain(`… and 2 more failed jobs, see ${LOGS_DIR}/pipeline/manifest.json`);
  });

  test("says why a run that could not start is a failure", () => {
    const play = (run: ScriptedRun): void => {
      run.phaseStarts({ kind: "run" }, "run.bootstrap");
      run.phaseEnds({ kind: "run" }, "run.bootstrap", { status: "failed" });
      run.phaseStarts({ kind: "run" }, "run.pipeline_execute");
      run.phaseStarts({ kind: "pipeline" }, "pipeline.execute");
      run.ends("skipped");
    };
    const error = { code: "workspace", message: "Cannot copy the workspace: no space left on device" };
    const text = transcript("plain", play, {
      ...FAILURE,
      outcome: { status: "failure", exitCode: 1, error, failedJobIds: [] },
    });
    expect(text).toMatchInlineSnapshot(`
      "
      error: Cannot copy the workspace: no space left on device (workspace)
      failure  0ms
      summary:  .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/summary.json
      manifest: .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/manifest.json
      events:   .loom/.runtime/logs/loom-run-local-1772865600000000000/events.jsonl
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });

  test("shows a cancelled run, a retry, and leaves out the jobs that were not asked for", () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOfNodes(["flaky", "slow", "other", "left-out"].map((name) => graphNode(name, "test"))));
      run.skips("left-out", "not_selected");
      run.starts("flaky");
      run.executionEnds("flaky", { exitCode: 1 });
      run.prepares("flaky", 2);
      run.wait(61_000);
      run.executionEnds("flaky");
      run.settles("flaky", "success");
      run.starts("slow");
      run.wait(3_000);
      run.executionEnds("slow", { status: "cancelled" });
      run.settles("slow", "cancelled");
      run.cancels("other");
      run.ends("cancelled");
    };
    const error = { code: "cancelled", message: "The run was cancelled by SIGINT" };
    const outcome = { status: "cancelled", exitCode: 130, error, failedJobIds: [] } as const;
    expect(transcript("plain", play, { ...FAILURE, outcome })).toMatchInlineSnapshot(`
      "loom run  .loom/workflow.yml  4 jobs, 1 stage, 2 workers
      logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      start     flaky
      retry     flaky     attempt 2
      success   flaky     1:01
      start     slow
      cancelled slow      0:03
      cancelled other

      The run was cancelled by SIGINT
      cancelled  1 success, 2 cancelled, 1 not selected  1:04
      summary:  .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/summary.json
      manifest: .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/manifest.json
      events:   .loom/.runtime/logs/loom-run-local-1772865600000000000/events.jsonl
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });
});

describe("stream", () => {
  test("prefixes every line with its job and puts cut lines together", () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOfNodes([graphNode("lint", "check"), graphNode("typecheck", "check")]));
      run.starts("lint");
      run.stepStarts("lint", 1);
      run.starts("typecheck");
      run.stepStarts("typecheck", 1);
      run.prints("lint", 1, ["one", "two"]);
      run.prints("lint", 1, ["be"], { partial: true });
      run.prints("typecheck", 1, ["\ttabbed\u001B[2J"]);
      run.prints("lint", 1, ["oops"], { stream: "stderr" });
      run.prints("lint", 1, ["gun"]);
      run.prints("lint", 1, ["no newline at the end"], { partial: true });
      run.stepEnds("lint", 1);
      run.executionEnds("lint");
      run.settles("lint", "success");
      run.stepEnds("typecheck", 1);
      run.executionEnds("typecheck");
      run.settles("typecheck", "success");
      run.ends("success");
    };
    expect(transcript("stream", play, SUCCESS)).toMatchInlineSnapshot(`
      "loom run  .loom/workflow.yml  2 jobs, 1 stage, 2 workers
      logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      start     lint
      start     typecheck
      lint     │ one
      lint     │ two
      typecheck│         tabbed
      lint     │ oops
      lint     │ begun
      lint     │ no newline at the end
      success   lint       0ms
      success   typecheck  0ms

      success  2 success  0ms
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
    const coloured = transcript("stream", play, SUCCESS, { palette: createPalette("ansi16") });
    expect(coloured).toContain("\u001B[36mlint     │\u001B[0m one\n");
  });
});

describe("verbose", () => {
  test("adds sections, steps and notes with their facts", () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOfNodes([graphNode("build", "build", { image: { name: "node:24" } })]));
      run.logs({ kind: "run" }, "info", "Took a snapshot", { files: 12, head_sha: "abc" });
      run.starts("build", () => {
        const stream = { kind: "section", jobId: jobId("build"), section: "provider" } as const;
        run.logs(stream, "info", "Pulled the image", { image: "node:24", hit: true });
        run.wait(1200);
      });
      run.stepStarts("build", 1);
      run.stepEnds("build", 1);
      run.executionEnds("build");
      const left = { kind: "section", jobId: jobId("build"), section: "cleanup" } as const;
      const cleanup = (): void => run.logs(left, "warn", "Ended a process that was left running", { pid: 7 });
      run.cleansUp("build", {}, () => run.section("build", "cleanup", {}, cleanup));
      run.jobMoves("build", "running", "success");
      run.ends("success");
    };
    expect(transcript("verbose", play, SUCCESS)).toMatchInlineSnapshot(`
      "loom run  .loom/workflow.yml  1 job, 1 stage, 2 workers
      logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      info      Took a snapshot  files=12  head_sha=abc
      start     build
      info      build  provider: Pulled the image  image=node:24  hit=true
      section   build  provider  success  0:01
      step      build  01 make build
      step      build  step 01  success  0ms
      warn      build  cleanup: Ended a process that was left running  pid=7
      section   build  cleanup  success  0ms
      success   build  0:01

      success  1 success  0:01
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });
});

describe.each(["plain", "stream", "quiet", "accessible"] as const)("%s", (mode) => {
  test("names the receipt on one line that a terminal shows, whatever its folders are called", () => {
    const receiptPath = "/re\npo\u0007/\u001B[31mred/receipt.json";
    const last = transcript(mode, playFailure, { ...FAILURE, receiptPath })
      .trimEnd()
      .split("\n")
      .at(-1);
    expect(last).toMatch(/^(receipt:|The receipt is) \/re\u240Apo\u2407\/red\/receipt\.json$/u);
  });
});

describe("quiet", () => {
  test("prints the status and the receipt", () => {
    expect(transcript("quiet", playFailure, FAILURE)).toMatchInlineSnapshot(`
      "failure
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });
});

describe("json", () => {
  test("prints the records as they are, tells whose output and notes are, and ends with the receipt", () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOfNodes([graphNode("lint", "check")]));
      run.starts("lint");
      run.stepStarts("lint", 1);
      run.prints("lint", 1, ["one", "\u001B[31mtwo"]);
      run.prints("lint", 1, ["thr"], { stream: "stderr", partial: true });
      run.stepEnds("lint", 1);
      run.executionEnds("lint");
      const stream = { kind: "section", jobId: jobId("lint"), section: "cleanup" } as const;
      const cleanup = (): void =>
        run.logs(stream, "warn", "Ended a process that was left running", { pid: 7 });
      run.cleansUp("lint", {}, () => run.section("lint", "cleanup", {}, cleanup));
      run.jobMoves("lint", "running", "success");
    };
    const lines = transcript("json", play, FAILURE).split("\n");
    expect(lines.slice(lines.findIndex((line) => line.includes('"step.script"'))).join("\n"))
      .toMatchInlineSnapshot(`
      "{"seq":13,"ts":"2026-03-07T06:40:00.000Z","event":"phase_start","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"step","phase_code":"step.script","phase_family":"step","job_id":"lint","step":1}
      {"seq":14,"ts":"2026-03-07T06:40:00.000Z","event":"output","job_id":"lint","step":1,"stream":"stdout","text":"one"}
      {"seq":15,"ts":"2026-03-07T06:40:00.000Z","event":"output","job_id":"lint","step":1,"stream":"stdout","text":"\\u001b[31mtwo"}
      {"seq":16,"ts":"2026-03-07T06:40:00.000Z","event":"output","job_id":"lint","step":1,"stream":"stderr","text":"thr","partial":true}
      {"seq":17,"ts":"2026-03-07T06:40:00.000Z","event":"phase_finish","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"step","phase_code":"step.script","phase_family":"step","job_id":"lint","step":1,"status":"success","duration_ms":0,"exit_code":0}
      {"seq":18,"ts":"2026-03-07T06:40:00.000Z","event":"phase_finish","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"job","phase_code":"job.execution","phase_family":"execution","job_id":"lint","status":"success","duration_ms":0,"exit_code":0}
      {"seq":19,"ts":"2026-03-07T06:40:00.000Z","event":"phase_start","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"job","phase_code":"job.cleanup","phase_family":"cleanup","job_id":"lint"}
      {"seq":20,"ts":"2026-03-07T06:40:00.000Z","event":"phase_start","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"job","phase_code":"job.cleanup","phase_family":"cleanup","job_id":"lint","section":"cleanup"}
      {"seq":21,"ts":"2026-03-07T06:40:00.000Z","event":"log","job_id":"lint","section":"cleanup","level":"warn","message":"Ended a process that was left running","pid":7}
      {"seq":22,"ts":"2026-03-07T06:40:00.000Z","event":"phase_finish","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"job","phase_code":"job.cleanup","phase_family":"cleanup","job_id":"lint","section":"cleanup","status":"success","duration_ms":0}
      {"seq":23,"ts":"2026-03-07T06:40:00.000Z","event":"phase_finish","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"job","phase_code":"job.cleanup","phase_family":"cleanup","job_id":"lint","status":"success","duration_ms":0}
      {"seq":24,"ts":"2026-03-07T06:40:00.000Z","event":"job_state","job_id":"lint","from":"running","to":"success"}
      {"event":"receipt","path":"/repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json","status":"failure","exit_code":1}
      "
    `);
  });

  test("gives every lifecycle record the bytes that JSON.stringify gives it", () => {
    const records: string[] = [];
    const spy = {
      record: (_stream: unknown, record: unknown) => void records.push(JSON.stringify(record)),
      lines: () => undefined,
      flush: () => undefined,
    };
    const lifecycle = transcript("json", playFailure, FAILURE)
      .split("\n")
      .filter(
        (line) => line !== "" && !line.includes('"event":"output"') && !line.includes('"event":"receipt"'),
      );
    playFailure(new ScriptedRun(spy));
    expect(lifecycle).toEqual(records);
  });

  test("marks only bytes that are no UTF-8 as lossy", () => {
    let text = "";
    const reporter = createReporter("json", {
      output: { write: (part) => void (text += part) },
      heading: { workflowPath: "", logsDir: "" },
    });
    const bytes = new Uint8Array([0xff, 0x0a, 0xef, 0xbf, 0xbd]);
    reporter.lines(
      { kind: "step", jobId: jobId("a"), step: 1 },
      { stream: "stdout", firstSeq: 7, ts: "2026-01-01T00:00:00.000Z", bytes, ends: [1, 5], partial: false },
    );
    expect(text.split("\n").map((line) => line && (JSON.parse(line) as { lossy?: true }).lossy)).toEqual([
      true,
      undefined,
      "",
    ]);
  });
});

describe("group", () => {
  test("prints what a job printed in one piece when it ends, failed jobs open and last", () => {
    expect(transcript("group", playFailure, FAILURE, { fold: { kind: "github", token: "t" } }))
      .toMatchInlineSnapshot(`
        "loom run  .loom/workflow.yml
        logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
        start     install
        ::group::success   install      0:21
        ::stop-commands::t
        added 312 packages
        ::t::
        ::endgroup::
        start     lint
        start     format
        success   format       400ms
        failed    lint         0:19  step 02 exit 1
        start     typecheck
        success   typecheck    0:41
        blocked   unit         by lint
        blocked   integration  by lint
        start     audit
        success   audit        0:01
        start     docs
        ::group::failed    docs         0:02  step 01 SIGSEGV (allowed)
        ::stop-commands::t
        no such page
        ::t::
        ::endgroup::
        blocked   image        by lint
        failed    lint         0:19  step 02 exit 1
        ::stop-commands::t
        packages/core/src/plan.ts
          41:7  error  Promises must be awaited  no-floating-promises
          88:1  error  'n' is never reassigned  prefer-const
        ✗ 3 problems
        ::t::
        ::stop-commands::t

        failed (allowed): docs › 01 make docs (SIGSEGV)
          no such page
          Step 1 was ended by SIGSEGV
          events: .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/docs/user/execution/script/01/events.jsonl

        failed: lint › 02 pnpm lint (exit 1)
          packages/core/src/plan.ts
            41:7  error  Promises must be awaited  no-floating-promises
            88:1  error  'n' is never reassigned  prefer-const
          ✗ 3 problems
          events: .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/user/execution/script/02/events.jsonl

        failure  4 success, 1 failed, 1 failed (allowed), 3 blocked  1:24
        summary:  .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/summary.json
        manifest: .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/manifest.json
        job:      .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/manifest.json
        events:   .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/user/execution/script/02/events.jsonl
        ::t::
        receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
        "
      `);
  });

  test("is text and nothing else where no runner folds", () => {
    expect(transcript("group", playFailure, FAILURE)).toMatch(/^[\n\P{Cc}]*$/u);
  });
});

describe("accessible", () => {
  test("tells the run in sentences", () => {
    expect(transcript("accessible", playFailure, FAILURE)).toMatchInlineSnapshot(`
      "The run has 9 jobs in 4 stages.
      Job install started.
      Job install succeeded after 21 seconds. 1 of 9 are done.
      Job lint started.
      Job format started.
      Job format succeeded after 0 seconds. 2 of 9 are done.
      Job lint failed after 19 seconds, step 2, exit code 1. 3 of 9 are done.
      Job typecheck started.
      Job typecheck succeeded after 41 seconds. 4 of 9 are done.
      Job unit did not run because lint failed. 5 of 9 are done.
      Job integration did not run because lint failed. 6 of 9 are done.
      Job audit started.
      Job audit succeeded after 2 seconds. 7 of 9 are done.
      Job docs started.
      Job docs failed after 2 seconds, step 1, signal SIGSEGV; that is allowed. 8 of 9 are done.
      Job image did not run because lint failed. 9 of 9 are done.
      The last lines of job lint:
      packages/core/src/plan.ts
        41:7  error  Promises must be awaited  no-floating-promises
        88:1  error  'n' is never reassigned  prefer-const
      ✗ 3 problems
      End of the lines of job lint. All of them are in .loom/.runtime/logs/loom-run-local-1772865600000000000/jobs/lint/user/execution/script/02/events.jsonl
      The run failed after 1 minute 25 seconds: 4 of 9 jobs succeeded, 1 failed, 3 did not run.
      The receipt is /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });
});
