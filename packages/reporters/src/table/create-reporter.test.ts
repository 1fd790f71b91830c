import { errorCode, type EventError, jobId } from "@loom/core";
import { describe, expect, test } from "vitest";
import {
  FAILING_OUTCOME,
  LOGS_DIR,
  RECEIPT_PATH,
  ScriptedRun,
  graphNode,
  graphOf,
  playFailure,
} from "@loom/testkit";
import { createPalette } from "../text/palette.ts";
import { createReporter, type ReporterOptions } from "./reporter-table.ts";
import type { RunEnd } from "@loom/ports";

const SUCCESS: RunEnd = {
  outcome: { status: "success", exitCode: 0, failedJobIds: [] },
  receiptPath: RECEIPT_PATH,
  logsDir: LOGS_DIR,
};

const FAILURE: RunEnd = { ...SUCCESS, outcome: FAILING_OUTCOME };

/** What the end of that run tells of `lint`. */
const LINT_ERRORS: Pick<RunEnd, "errors"> = {
  errors: new Map([
    [
      jobId("lint"),
      [
        {
          tool: "eslint",
          code: "no-floating-promises",
          message: "Promises must be awaited",
          file: "packages/core/src/plan.ts",
          line: 41,
          column: 7,
        },
      ],
    ],
  ]),
};

async function transcript(
  mode: Parameters<typeof createReporter>[0],
  play: (run: ScriptedRun) => void,
  end: RunEnd,
  more: Partial<ReporterOptions> = {},
): Promise<string> {
  let text = "";
  const output = { write: (part: string) => void (text += part) };
  const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR, workers: 2 };
  const reporter = await createReporter(mode, { output, heading, ...more });
  play(new ScriptedRun(reporter));
  await reporter.finish(end);
  return text;
}

describe("plain", () => {
  test("prints a line when a job starts, one when it ends, the failure, the pointers and the receipt", async () => {
    expect(await transcript("plain", playFailure, FAILURE)).toMatchInlineSnapshot(`
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
      success   audit        1.5s
      start     docs
      failed    docs         2.0s  step 01 SIGSEGV (allowed)
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
      explain:  loom explain
      retry:    loom run --retry-failed
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });

  test("prints no control character but newlines when colour is off", async () => {
    // oxlint-disable-next-line no-control-regex -- that is what must not be there
    const control = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/;
    expect(await transcript("plain", playFailure, FAILURE)).not.toMatch(control);
  });

  test("colours words and keeps the colours of the job's own lines when colour is on", async () => {
    const text = await transcript("plain", playFailure, FAILURE, { palette: createPalette("ansi16") });
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
        "[32msuccess  [0m audit        1.5s",
        "[36mstart    [0m docs",
        "[33mfailed   [0m docs         2.0s  step 01 SIGSEGV (allowed)",
        "[90mblocked  [0m image        by lint",
        "[33mfailed (allowed):[0m [1mdocs › 01 make docs (SIGSEGV)[0m",
        "[91;1mfailed:[0m [1mlint › 02 pnpm lint (exit 1)[0m",
        "    41:7  [31merror[39m  Promises must be awaited  no-floating-promises[0m",
        "[91;1mfailure[0m  4 success, 1 failed, 1 failed (allowed), 3 blocked  1:24",
      ]
    `);
  });

  test("needs no character beyond ASCII in ASCII mode, those of the jobs excepted", async () => {
    const run = (script: ScriptedRun): void => {
      script.begins(graphOf([graphNode("lint", "check")]));
      script.runs("lint", 1000, ["x".repeat(500)], { exitCode: 3 });
      script.ends("failed");
    };
    const text = await transcript("plain", run, { ...FAILURE }, { ascii: true });
    expect(text).toMatch(/^[\n -~]*$/);
    expect(text).toContain(`  ${"x".repeat(197)}...\n`);
  });

  test("shows at most three failed jobs with 20 lines each and says how many more there are", async () => {
    const names = ["a", "b", "c", "d", "e"];
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`);
    const play = (run: ScriptedRun): void => {
      run.begins(graphOf(names.map((name) => graphNode(name, "test"))));
      for (const name of names) run.runs(name, 1000, lines, { exitCode: 2 });
      run.ends("failed");
    };
    const outcome = { ...FAILING_OUTCOME, failedJobIds: names.map(jobId) };
    const text = await transcript("plain", play, {
      ...FAILURE,
      outcome: { ...outcome, error: { code: "exit_code", message: "", jobId: jobId("a") } },
    });
    expect(text.match(/^ {2}line \d+$/gm)).toHaveLength(60);
    expect(text).toContain("\n  line 31\n");
    expect(text).not.toContain("\n  line 30\n");
    expect(text).toContain(`… and 2 more failed jobs, see ${LOGS_DIR}/pipeline/manifest.json`);
  });

  test("says why a run that could not start is a failure", async () => {
    const play = (run: ScriptedRun): void => {
      run.phaseStarts({ kind: "run" }, "run.bootstrap");
      run.phaseEnds({ kind: "run" }, "run.bootstrap", { status: "failed" });
      run.phaseStarts({ kind: "run" }, "run.pipeline_execute");
      run.phaseStarts({ kind: "pipeline" }, "pipeline.execute");
      run.ends("skipped");
    };
    const error = {
      code: errorCode("workspace"),
      message: "Cannot copy the workspace: no space left on device",
    };
    const text = await transcript("plain", play, {
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
      explain:  loom explain
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });

  test("shows a cancelled run, a retry, and leaves out the jobs that were not asked for", async () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOf(["flaky", "slow", "other", "left-out"].map((name) => graphNode(name, "test"))));
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
    const error: EventError = { code: "cancelled", message: "The run was cancelled by SIGINT" };
    const outcome = { status: "cancelled", exitCode: 130, error, failedJobIds: [] } as const;
    expect(await transcript("plain", play, { ...FAILURE, outcome })).toMatchInlineSnapshot(`
      "loom run  .loom/workflow.yml  4 jobs, 1 stage, 2 workers
      logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      start     flaky
      retry     flaky     attempt 2, after job.execution exit 1
      success   flaky     1:01  at attempt 2
      start     slow
      cancelled slow      3.0s
      cancelled other

      The run was cancelled by SIGINT
      cancelled  1 success, 2 cancelled, 1 not selected  1:04
      summary:  .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/summary.json
      manifest: .loom/.runtime/logs/loom-run-local-1772865600000000000/pipeline/manifest.json
      events:   .loom/.runtime/logs/loom-run-local-1772865600000000000/events.jsonl
      explain:  loom explain
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });
});

describe("stream", () => {
  test("prefixes every line with its job and puts cut lines together", async () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOf([graphNode("lint", "check"), graphNode("typecheck", "check")]));
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
    expect(await transcript("stream", play, SUCCESS)).toMatchInlineSnapshot(`
      "loom run  .loom/workflow.yml  2 jobs, 1 stage, 2 workers
      logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      start     lint
      lint     │ $ make lint
      start     typecheck
      typecheck│ $ make typecheck
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
    const coloured = await transcript("stream", play, SUCCESS, { palette: createPalette("ansi16") });
    expect(coloured).toContain("\u001B[36mlint     │\u001B[0m one\n");
  });
});

test.each(["stream", "group"] as const)(
  "%s shows the name of a step before its command",
  async (reporter) => {
    const play = (run: ScriptedRun): void => {
      const options = { script: ["make lint", "make"], step_options: [{ step: 1, name: "Lints" }] };
      run.begins(graphOf([graphNode("lint", "check", options)]));
      run.starts("lint");
      for (const step of [1, 2]) {
        run.stepStarts("lint", step);
        run.prints("lint", step, ["one"]);
        run.stepEnds("lint", step);
      }
      run.executionEnds("lint");
      run.settles("lint", "success");
      run.ends("success");
    };
    const said = await transcript(reporter, play, SUCCESS);
    expect(said.match(/\$ .*/g)).toEqual(["$ Lints: make lint", "$ make"]);
  },
);

describe("verbose", () => {
  test("adds sections, steps and notes with their facts", async () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOf([graphNode("build", "build", { image: { name: "node:24" } })]));
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
    expect(await transcript("verbose", play, SUCCESS)).toMatchInlineSnapshot(`
      "loom run  .loom/workflow.yml  1 job, 1 stage, 2 workers
      logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      info      Took a snapshot  files=12  head_sha=abc
      start     build
      info      build  provider: Pulled the image  image=node:24  hit=true
      section   build  provider  success  1.2s
      step      build  01 make build
      step      build  step 01  success  0ms
      warn      build  cleanup: Ended a process that was left running  pid=7
      section   build  cleanup  success  0ms
      success   build  1.2s

      success  1 success  1.2s
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });
});

describe.each(["stream", "group", "verbose"] as const)("%s", (mode) => {
  const play = (run: ScriptedRun): void => {
    run.begins(graphOf([graphNode("lint", "check")]));
    run.starts("lint");
    run.stepStarts("lint", 1);
    run.prints("lint", 1, ["\u001B]8;;https://a.dev\u001B\\rule\u001B]8;;\u001B\\ \u001B]52;c;eA==\u0007x"]);
    run.stepEnds("lint", 1, { exitCode: 1 });
    run.executionEnds("lint", { exitCode: 1 });
    run.settles("lint", "failed", "exit_code");
    run.ends("failed");
  };

  test("keeps links of a job where there are colours and links, and only there", async () => {
    const kept = "\u001B]8;;https://a.dev\u0007rule\u001B]8;;\u0007 x";
    const palette = createPalette("ansi16");
    expect(await transcript(mode, play, FAILURE, { palette, links: true })).toContain(kept);
    for (const more of [{ palette }, { links: true }])
      expect(await transcript(mode, play, FAILURE, more)).not.toContain("\u001B]");
  });
});

describe.each(["plain", "stream", "quiet", "a11y"] as const)("%s", (mode) => {
  test("names the receipt on one line that a terminal shows, whatever its folders are called", async () => {
    const receiptPath = "/re\npo\u0007/\u001B[31mred/receipt.json";
    const last = (await transcript(mode, playFailure, { ...FAILURE, receiptPath }))
      .trimEnd()
      .split("\n")
      .at(-1);
    expect(last).toMatch(/^(receipt:|The receipt is) \/re\u240Apo\u2407\/red\/receipt\.json$/u);
  });
});

describe("quiet", () => {
  test("prints the status and the receipt", async () => {
    expect(await transcript("quiet", playFailure, FAILURE)).toMatchInlineSnapshot(`
      "failure
      failed: lint › 02 pnpm lint (exit 1)
      receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });
});

describe("json", () => {
  test("prints the records as they are, tells whose output and notes are, and ends with the receipt", async () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOf([graphNode("lint", "check")]));
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
    const lines = (await transcript("json", play, FAILURE)).split("\n");
    expect(lines.slice(lines.findIndex((line) => line.includes('"step.script"'))).join("\n"))
      .toMatchInlineSnapshot(`
      "{"seq":13,"ts":"2026-03-07T06:40:00.000Z","event":"phase_start","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"step","phase_code":"step.script","phase_family":"step","job_id":"lint","step":1}
      {"seq":14,"ts":"2026-03-07T06:40:00.000Z","event":"output","job_id":"lint","step":1,"stream":"stdout","text":"one"}
      {"seq":15,"ts":"2026-03-07T06:40:00.000Z","event":"output","job_id":"lint","step":1,"stream":"stdout","text":"\\u001b[31mtwo"}
      {"seq":16,"ts":"2026-03-07T06:40:00.000Z","event":"output","job_id":"lint","step":1,"stream":"stderr","text":"thr","partial":true}
      {"seq":17,"ts":"2026-03-07T06:40:00.000Z","event":"phase_finish","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"step","phase_code":"step.script","phase_family":"step","job_id":"lint","step":1,"status":"success","duration_ms":0,"exit_code":0}
      {"seq":18,"ts":"2026-03-07T06:40:00.000Z","event":"phase_finish","schema_version":"loom.runtime.logs.v2","run_id":"loom-run-local-1772865600000000000","pipeline_id":"loom-local-1772865600000000000","scope":"job","phase_code":"job.execution","phase_family":"execution","job_id":"lint","status":"success","duration_ms":0}
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

  test("gives every lifecycle record the bytes that JSON.stringify gives it", async () => {
    const records: string[] = [];
    const spy = {
      record: (_stream: unknown, record: unknown) => void records.push(JSON.stringify(record)),
      lines: () => undefined,
      flush: () => undefined,
    };
    const lifecycle = (await transcript("json", playFailure, FAILURE))
      .split("\n")
      .filter(
        (line) => line !== "" && !line.includes('"event":"output"') && !line.includes('"event":"receipt"'),
      );
    playFailure(new ScriptedRun(spy));
    expect(lifecycle).toEqual(records);
  });

  test("marks only bytes that are no UTF-8 as lossy", async () => {
    let text = "";
    const reporter = await createReporter("json", {
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
  test("prints what a job printed in one piece when it ends, failed jobs open and last", async () => {
    const end = { ...FAILURE, ...LINT_ERRORS };
    expect(await transcript("group", playFailure, end, { runner: "github", token: "t" }))
      .toMatchInlineSnapshot(`
        "loom run  .loom/workflow.yml
        logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
        start     install
        ::group::success   install      0:21
        ::stop-commands::t
        $ make install
        added 312 packages
        ::t::
        ::endgroup::
        start     lint
        start     format
        ::group::success   format       400ms
        ::stop-commands::t
        $ make format
        ::t::
        ::endgroup::
        failed    lint         0:19  step 02 exit 1
        start     typecheck
        ::group::success   typecheck    0:41
        ::stop-commands::t
        $ make typecheck
        ::t::
        ::endgroup::
        blocked   unit         by lint
        blocked   integration  by lint
        start     audit
        ::group::success   audit        1.5s
        ::stop-commands::t
        $ make audit
        ::t::
        ::endgroup::
        start     docs
        ::group::failed    docs         2.0s  step 01 SIGSEGV (allowed)
        ::stop-commands::t
        $ make docs
        no such page
        ::t::
        ::endgroup::
        blocked   image        by lint
        failed    lint         0:19  step 02 exit 1
        ::stop-commands::t
        $ pnpm install
        $ pnpm lint
        packages/core/src/plan.ts
          41:7  error  Promises must be awaited  no-floating-promises
          88:1  error  'n' is never reassigned  prefer-const
        ✗ 3 problems
        ::t::
        ::error file=packages/core/src/plan.ts,line=41,col=7,title=eslint no-floating-promises::Promises must be awaited
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
        explain:  loom explain
        retry:    loom run --retry-failed
        ::t::
        receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
        "
      `);
  });

  test("is text and nothing else where no runner folds", async () => {
    expect(await transcript("group", playFailure, FAILURE)).toMatch(/^[\n\P{Cc}]*$/u);
  });
});

describe("a11y", () => {
  test("tells the run in sentences", async () => {
    expect(await transcript("a11y", playFailure, FAILURE)).toMatchInlineSnapshot(`
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
      The lines of job lint that tell why it failed:
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

describe("tap", () => {
  test("prints a test point for each job as it ends, and why it failed", async () => {
    expect(await transcript("tap", playFailure, FAILURE)).toMatchInlineSnapshot(`
      "TAP version 14
      ok 1 - install
      ok 2 - format
      not ok 3 - lint
        ---
        message: "Step 2 exited with code 1"
        at: "02 pnpm lint"
        exit_code: 1
        duration_ms: 19400
        events_path: "jobs/lint/user/execution/script/02/events.jsonl"
        lines: ["packages/core/src/plan.ts","  41:7  error  Promises must be awaited  no-floating-promises","  88:1  error  'n' is never reassigned  prefer-const","✗ 3 problems"]
        ...
      ok 4 - typecheck
      ok 5 - unit # SKIP stage_blocked: by lint
      ok 6 - integration # SKIP upstream_failed: by lint
      ok 7 - audit
      not ok 8 - docs # TODO it may fail
        ---
        message: "Step 1 was ended by SIGSEGV"
        at: "01 make docs"
        signal: "SIGSEGV"
        duration_ms: 2000
        events_path: "jobs/docs/user/execution/script/01/events.jsonl"
        lines: ["no such page"]
        ...
      ok 9 - image # SKIP stage_blocked: by lint
      1..9
      # failure
      # logs: .loom/.runtime/logs/loom-run-local-1772865600000000000
      # receipt: /repo/.loom/.runtime/receipts/loom-run-local-1772865600000000000.json
      "
    `);
  });

  test("bails out of a run that could not start", async () => {
    const outcome = {
      status: "failure",
      exitCode: 1,
      error: { code: "WORKSPACE_GIT_FAILED", message: "no git" },
      failedJobIds: [],
    } as const;
    const text = await transcript("tap", () => undefined, { ...FAILURE, outcome });
    expect(text).toContain("1..0\nBail out! no git\n");
  });
});

describe("junit", () => {
  test("writes a suite for each job and a case for each step", async () => {
    expect(await transcript("junit", playFailure, FAILURE)).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="loom" tests="10" failures="1" errors="0" time="84.900">
        <testsuite name="install" tests="1" failures="0" errors="0" skipped="0" time="21.000">
          <testcase classname="install" name="01 make install" time="21.000"/>
        </testsuite>
        <testsuite name="format" tests="1" failures="0" errors="0" skipped="0" time="0.400">
          <testcase classname="format" name="01 make format" time="0.400"/>
        </testsuite>
        <testsuite name="lint" tests="2" failures="1" errors="0" skipped="0" time="19.400">
          <testcase classname="lint" name="01 pnpm install" time="9.000"/>
          <testcase classname="lint" name="02 pnpm lint" time="10.400">
            <failure message="Step 2 exited with code 1">Step 2 exited with code 1
      packages/core/src/plan.ts
        41:7  error  Promises must be awaited  no-floating-promises
        88:1  error  'n' is never reassigned  prefer-const
      ✗ 3 problems
      jobs/lint/user/execution/script/02/events.jsonl</failure>
          </testcase>
        </testsuite>
        <testsuite name="typecheck" tests="1" failures="0" errors="0" skipped="0" time="41.000">
          <testcase classname="typecheck" name="01 make typecheck" time="41.000"/>
        </testsuite>
        <testsuite name="unit" tests="1" failures="0" errors="0" skipped="1" time="0.000">
          <testcase classname="unit" name="01 make unit" time="0.000">
            <skipped message="stage_blocked: by lint">stage_blocked: by lint</skipped>
          </testcase>
        </testsuite>
        <testsuite name="integration" tests="1" failures="0" errors="0" skipped="1" time="0.000">
          <testcase classname="integration" name="01 make integration" time="0.000">
            <skipped message="upstream_failed: by lint">upstream_failed: by lint</skipped>
          </testcase>
        </testsuite>
        <testsuite name="audit" tests="1" failures="0" errors="0" skipped="0" time="1.500">
          <testcase classname="audit" name="01 make audit" time="1.500"/>
        </testsuite>
        <testsuite name="docs" tests="1" failures="0" errors="0" skipped="1" time="2.000">
          <testcase classname="docs" name="01 make docs" time="2.000">
            <skipped message="it may fail: Step 1 was ended by SIGSEGV">it may fail: Step 1 was ended by SIGSEGV
      no such page
      jobs/docs/user/execution/script/01/events.jsonl</skipped>
          </testcase>
        </testsuite>
        <testsuite name="image" tests="1" failures="0" errors="0" skipped="1" time="0.000">
          <testcase classname="image" name="01 make image" time="0.000">
            <skipped message="stage_blocked: by lint">stage_blocked: by lint</skipped>
          </testcase>
        </testsuite>
      </testsuites>
      "
    `);
  });

  test("writes nothing that XML cannot hold, and no command of GitHub's runner", async () => {
    const play = (run: ScriptedRun): void => {
      run.begins(graphOf([graphNode("a", "all", { script: ["echo '<&\u0001'"] })]));
      run.starts("a");
      run.stepStarts("a", 1);
      run.prints("a", 1, ["::add-mask::x ##[add-mask]y ]]> \u0001 \uFFFF &amp;"]);
      run.stepEnds("a", 1, { exitCode: 1 });
      run.executionEnds("a", { exitCode: 1 });
      run.settles("a", "failed", "exit_code");
      run.ends("failed");
    };
    const xml = await transcript("junit", play, FAILURE);
    expect(xml).not.toMatch(/::|##\[|[^\t\n\u0020-\uFFFD]/u);
    expect(xml).toContain("&#58;&#58;add-mask&#58;&#58;x #&#35;[add-mask]y ]]&gt;");
  });
});

test("createReporter() needs a token for GitHub, where a known one would let jobs give commands", async () => {
  await expect(transcript("github", playFailure, FAILURE)).rejects.toThrow("needs a token");
  expect(await transcript("github", playFailure, FAILURE, { token: "t" })).toBe(
    await transcript("group", playFailure, FAILURE, { runner: "github", token: "t" }),
  );
});
