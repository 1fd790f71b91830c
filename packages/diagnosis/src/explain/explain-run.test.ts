import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatDocument, openRun, type JobManifest, type PipelineManifest } from "@loom/artifacts";
import { type EventError, jobId } from "@loom/core";
import { graphOf, temporaryDirectory, type StepPlay } from "@loom/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { playOnDisk, type DiskPlay, type PlayedEvidence } from "../../test/play-on-disk.ts";
import { explanationLines } from "../text/explanation-lines.ts";
import { explainRun, type ExplainOptions } from "./explain-run.ts";
import { EXPLANATION_BYTES, type Explanation } from "./explanation.ts";
import { loadExplanationSchema } from "./load-explanation-schema.ts";

const GRAPH = graphOf([
  { id: "build", stage: "build", script: ["npm ci", "npm run build"] },
  { id: "lint", stage: "build", script: ["npm run lint"] },
  { id: "docs", stage: "build", script: ["make docs"], allow_failure: true },
  { id: "unit", needs: ["build"] },
  { id: "deploy", stage: "deploy", needs: ["unit"] },
]);

const FAILING: DiskPlay = {
  graph: GRAPH,
  step: (job, step) =>
    job === "build" && step === 2
      ? {
          ms: 900,
          stdout: [
            "> tsc -p .",
            "src/a.ts(1,7): error TS2322: Type 'number' is not assignable to type 'string'.",
          ],
          stderr: ["npm error code ELIFECYCLE", "npm error errno 2"],
          end: { kind: "exited", exitCode: 2 },
        }
      : job === "docs"
        ? { end: { kind: "exited", exitCode: 127 } }
        : undefined,
};

async function explained(path: string, options: ExplainOptions = {}): Promise<Explanation> {
  const run = await openRun(path);
  if (!run.ok) throw new Error(run.error.message);
  const explanation = await explainRun(run.value, options);
  if (!explanation.ok) throw new Error(explanation.error.message);
  const schema = await loadExplanationSchema();
  expect(schema.parse(explanation.value)).toStrictEqual(explanation.value);
  expect(Buffer.byteLength(formatDocument(explanation.value))).toBeLessThan(EXPLANATION_BYTES);
  return explanation.value;
}

function played(play: DiskPlay): PlayedEvidence {
  return playOnDisk(temporaryDirectory(), play);
}

describe("explainRun()", () => {
  test("explainRun() leads from a failed run to the compiler's error, what it blocked and what to do", async () => {
    const { directory } = played(FAILING);
    const { run_dir, started_at, ...rest } = await explained(directory);
    expect([run_dir, started_at]).toStrictEqual([directory, "2026-01-01T00:00:00.000Z"]);
    expect(rest).toMatchInlineSnapshot(`
      {
        "blocked": [
          "unit",
          "deploy",
        ],
        "blocked_total": 2,
        "duration_ms": 913,
        "errors": [
          {
            "code": "TS2322",
            "column": 7,
            "file": "src/a.ts",
            "line": 1,
            "message": "Type 'number' is not assignable to type 'string'.",
            "tool": "tsc",
          },
        ],
        "errors_total": 1,
        "exit_code": 1,
        "failure": {
          "attempts": 1,
          "command": "npm run build",
          "duration_ms": 912,
          "error": {
            "code": "exit_code",
            "message": "Step 2 exited with code 2",
          },
          "exit_code": 2,
          "job_id": "build",
          "stage": "build",
          "step": 2,
          "steps_total": 2,
          "unit": "step",
        },
        "job_counts": {
          "cancelled": 0,
          "failed": 2,
          "skipped": 2,
          "success": 1,
          "total": 5,
        },
        "kind": "loom-explanation",
        "lines": [
          "src/a.ts(1,7): error TS2322: Type 'number' is not assignable to type 'string'.",
        ],
        "lines_read": 4,
        "lines_total": 4,
        "next": [
          "loom logs loom-run-local-1 build 2",
          "loom run --job build",
          "loom run --retry-failed loom-run-local-1",
        ],
        "notes": [],
        "open": [
          "jobs/build/user/execution/script/02/events.jsonl",
          "jobs/build/manifest.json",
          "pipeline/manifest.json",
        ],
        "open_bytes": [
          1104,
          1608,
          2356,
        ],
        "other_failures": [
          {
            "blocking": false,
            "command": "make docs",
            "exit_code": 127,
            "job_id": "docs",
            "step": 1,
          },
        ],
        "other_failures_total": 1,
        "outcome": "failure",
        "run_id": "loom-run-local-1",
        "schema_version": "v1",
        "stopped": [],
        "stopped_total": 0,
        "summary": "Job "build" failed in step 2 of 2 (npm run build): it exited with code 2",
        "truncated": false,
      }
    `);
  });

  describe("explainRun() of errors that tools give with absolute paths", () => {
    const folder = "/cache/workspaces/app-0f/loom-run-local-1";
    const said = [
      `${folder}/src/a.ts(1,7): error TS2322: Type 'number' is not a thing of ${folder}/src/b.ts.`,
    ];
    const play = (where: Partial<DiskPlay>): DiskPlay => ({
      graph: GRAPH,
      step: (job, step) =>
        job === "build" && step === 2 ? { stdout: said, end: { kind: "exited", exitCode: 2 } } : undefined,
      ...where,
    });

    test.each<[string, Partial<DiskPlay>, string]>([
      ["in a snapshot", { workplace: { workspace: folder, snapshot_path: folder } }, "src"],
      ["in the checkout", { workplace: { workspace: folder } }, "src"],
      [
        "in a part of the snapshot",
        { workplace: { workspace: `${folder}/app`, snapshot_path: folder } },
        "../src",
      ],
      ["in a snapshot that the receipt alone tells of", { snapshotPath: folder }, "src"],
    ])("makes them relative to the project: %s", async (_where, where, below) => {
      const { errors, lines } = await explained(played(play(where)).directory);
      const message = `Type 'number' is not a thing of ${below}/b.ts.`;
      expect(errors).toStrictEqual([
        { tool: "tsc", message, file: `${below}/a.ts`, line: 1, column: 7, code: "TS2322" },
      ]);
      expect(lines).toStrictEqual([`${below}/a.ts(1,7): error TS2322: ${message}`]);
    });

    test("leaves them where jobs worked elsewhere", async () => {
      const { errors } = await explained(played(play({ workplace: { workspace: "/elsewhere" } })).directory);
      expect(errors[0]?.file).toBe(`${folder}/src/a.ts`);
    });
  });

  test("explainRun() counts a success and what was allowed to fail in it", async () => {
    const { directory } = played({
      ...FAILING,
      step: (job) => (job === "docs" ? { end: { kind: "exited", exitCode: 1 } } : { ms: 500 }),
    });
    const { summary, outcome, failure, next } = await explained(directory);
    expect({ summary, outcome, failure, next }).toStrictEqual({
      outcome: "success",
      summary: "The run succeeded: 4 jobs passed in 2.0 s; 1 failure was allowed",
      failure: undefined,
      next: ["loom show loom-run-local-1"],
    });
  });

  test("explainRun() names the section and its message when a job could not be set up", async () => {
    const error: EventError = {
      code: "provider_unavailable",
      message: 'Nothing here runs the image "node:0"',
    };
    const { directory } = played({ graph: GRAPH, prepare: (job) => (job === "lint" ? error : undefined) });
    const { summary, failure, open } = await explained(directory);
    expect([summary, failure?.unit, open[0]]).toStrictEqual([
      'Job "lint" failed in its section "provider": Nothing here runs the image "node:0"',
      "section",
      "jobs/lint/system/provider/events.jsonl",
    ]);
  });

  test("explainRun() gives an error that is reported twice once", async () => {
    const line = "src/a.ts(1,7): error TS2322: No";
    const step = (): StepPlay => ({
      stdout: [line, "at the end:", line],
      end: { kind: "exited", exitCode: 2 },
    });
    const { errors_total } = await explained(played({ graph: GRAPH, step }).directory);
    expect(errors_total).toBe(1);
  });

  test("explainRun() says what a signal means, and how often the job was tried", async () => {
    const graph = graphOf([{ id: "big", retry: { max: 2, on: ["failure"] } }]);
    const { directory } = played({ graph, step: () => ({ end: { kind: "signaled", signal: "SIGKILL" } }) });
    const { summary, failure } = await explained(directory);
    expect([summary, failure?.signal, failure?.meaning?.code]).toStrictEqual([
      'Job "big" failed after 3 attempts in step 1 of 1 (true): it was ended by SIGKILL. Killed by SIGKILL: often the system or a container running out of memory',
      "SIGKILL",
      "killed",
    ]);
  });

  test("explainRun() reads the problems of an invalid workflow as data", async () => {
    const bootstrapError: EventError = {
      code: "WF_SCHEMA_V1",
      message:
        ".loom/workflow.yml:12:11 WF_SCHEMA_V1 /build/script: make script a list of commands\n  12 |   script: npm test\n     |           ^^^^^^^^",
    };
    const { directory } = played({ graph: GRAPH, bootstrapError });
    const { summary, errors, next, lines } = await explained(directory);
    expect({ summary, errors, next, lines: lines.length }).toStrictEqual({
      summary:
        "The workflow is invalid: .loom/workflow.yml:12:11 WF_SCHEMA_V1 /build/script: make script a list of commands",
      errors: [
        {
          tool: "loom",
          message: "/build/script: make script a list of commands",
          file: ".loom/workflow.yml",
          line: 12,
          column: 11,
          code: "WF_SCHEMA_V1",
        },
      ],
      next: ["loom check"],
      lines: 3,
    });
  });

  test("explainRun() says that a run could not start", async () => {
    const bootstrapError: EventError = {
      code: "WORKSPACE_IO_FAILED",
      message: "No permission to write /srv",
    };
    const { directory } = played({ graph: GRAPH, bootstrapError });
    expect((await explained(directory)).summary).toBe("The run could not start: No permission to write /srv");
  });

  test("explainRun() says that the disk was full when evidence could not be written", async () => {
    const error: EventError = {
      code: "ARTIFACTS_WRITE_FAILED",
      message: 'Cannot write "events.jsonl": no space left on device (ENOSPC)',
    };
    const { directory } = played({
      graph: GRAPH,
      step: () => ({ ms: 5_000 }),
      stop: { atMs: 100, cause: { kind: "fault", error } },
    });
    const { summary, failure, outcome } = await explained(directory);
    expect([outcome, summary, failure?.unit, failure?.meaning?.code]).toStrictEqual([
      "failure",
      'The run failed: Cannot write "events.jsonl": no space left on device (ENOSPC)',
      "run",
      "disk_full",
    ]);
  });

  test("explainRun() calls a run interrupted that was closed afterwards", async () => {
    const { directory } = played({
      graph: GRAPH,
      bootstrapError: { code: "interrupted", message: "The run was interrupted" },
    });
    const { outcome, summary, failure, next } = await explained(directory);
    expect([outcome, summary, failure, next[0]]).toStrictEqual([
      "interrupted",
      "Loom was ended before the run was over",
      undefined,
      "loom run",
    ]);
  });

  test("explainRun() names the jobs that a cancel stopped", async () => {
    const { directory } = played({
      graph: GRAPH,
      step: () => ({ ms: 5_000 }),
      stop: { atMs: 100, cause: { kind: "signal", signal: "SIGINT" } },
    });
    const { summary, exit_code, stopped_total } = await explained(directory);
    expect([summary, exit_code, stopped_total]).toStrictEqual([
      'The run was cancelled by SIGINT: "build", "lint", "docs" and 2 more did not finish',
      130,
      5,
    ]);
  });

  test("explainRun() tells a killed run from one that goes on when it is told whether it lives", async () => {
    const { directory } = played({ graph: GRAPH, step: () => ({ ms: 5_000 }), dieAtMs: 100 });
    const found = await Promise.all(
      [{}, { isAlive: true }, { isAlive: false }].map((options) => explained(directory, options)),
    );
    expect(found.map(({ outcome, summary }) => [outcome, summary])).toStrictEqual([
      [
        "unfinished",
        'The run has no end on disk: it is still running, or was interrupted, while "build", "lint" were running',
      ],
      ["running", 'The run goes on, while "build", "lint" were running'],
      ["interrupted", 'Loom was ended before the run was over, while "build", "lint" were running'],
    ]);
  });

  test("explainRun() explains the failure that came before a run was killed", async () => {
    const { directory } = played({
      graph: GRAPH,
      dieAtMs: 1000,
      step: (job) => (job === "lint" ? { ms: 20, end: { kind: "exited", exitCode: 1 } } : { ms: 5_000 }),
    });
    const { summary, failure } = await explained(directory, { isAlive: false });
    expect([summary, failure?.job_id]).toStrictEqual([
      'Loom was ended before the run was over, while "build", "docs" were running; before that, job "lint" failed in step 1 of 1 (npm run lint): it exited with code 1',
      "lint",
    ]);
  });

  test("explainRun() stays within its limit whatever the names, commands and lines are", async () => {
    const { directory } = played(FAILING);
    const pipelinePath = join(directory, "pipeline/manifest.json");
    const jobPath = join(directory, "jobs/build/manifest.json");
    const streamPath = join(directory, "jobs/build/user/execution/script/02/events.jsonl");
    const pipeline = JSON.parse(readFileSync(pipelinePath, "utf8")) as PipelineManifest;
    const job = JSON.parse(readFileSync(jobPath, "utf8")) as JobManifest;
    const stream = readFileSync(streamPath, "utf8");
    const nasty = fc.oneof(
      fc.constant('"\\\u0001\u{1F600}\uD800'.repeat(3000)),
      fc.constant("error: /a/very/long/path.ts:1:2: error: no\u001B[31m".repeat(500)),
      fc.constant("a\0b"),
      fc.string({ unit: "binary", maxLength: 5000 }),
    );
    await fc.assert(
      fc.asyncProperty(nasty, nasty, fc.integer({ min: 0, max: 300 }), async (name, line, count) => {
        const many = Array.from({ length: count }, (_, index) => ({
          ...pipeline.jobs[0],
          job_id: `${name}${index}`,
          status: index % 2 === 0 ? "failed" : "skipped",
          blocked_by: ["build"],
        }));
        writeFileSync(pipelinePath, JSON.stringify({ ...pipeline, jobs: [...pipeline.jobs, ...many] }));
        const steps = job.steps.map((step) => ({ ...step, command: name }));
        writeFileSync(jobPath, JSON.stringify({ ...job, steps }));
        const output = {
          seq: 99,
          ts: "x",
          event: "output",
          stream: "stdout",
          text: `src/a.c:1:2: error: ${line}`,
        };
        writeFileSync(streamPath, stream + `${JSON.stringify(output)}\n`.repeat(count));
        expect((await explained(directory)).errors_total).toBeGreaterThan(0);
      }),
      { numRuns: 15 },
    );
  });

  test("explainRun() reads only the end of a huge stream", async () => {
    const { directory } = played(FAILING);
    const streamPath = join(directory, "jobs/build/user/execution/script/02/events.jsonl");
    const line = JSON.stringify({
      seq: 99,
      ts: "x",
      event: "output",
      stream: "stdout",
      text: "working ".repeat(100),
    });
    for (let i = 0; i < 50; i += 1) appendFileSync(streamPath, `${line}\n`.repeat(1000));
    appendFileSync(
      streamPath,
      `${JSON.stringify({ seq: 100, ts: "x", event: "output", stream: "stderr", text: "fatal: nope" })}\n`,
    );
    const before = process.cpuUsage();
    const { errors } = await explained(directory);
    const used = process.cpuUsage(before);
    expect(errors).toStrictEqual([{ tool: "git", message: "nope" }]);
    expect((used.user + used.system) / 1000).toBeLessThan(1000);
  });

  test.each([
    "summary.json",
    "pipeline/summary.json",
    "pipeline/manifest.json",
    "jobs/build/manifest.json",
    "jobs/build/summary.json",
  ])("explainRun() explains what is left when %s is damaged or gone", async (path) => {
    const { directory } = played(FAILING);
    writeFileSync(join(directory, path), '{"schema_version": "v1", "kind": 7');
    const damaged = await explained(directory);
    rmSync(join(directory, path));
    const gone = await explained(directory);
    expect(damaged.notes[0]).toContain("it is not JSON");
    expect([damaged.failure?.job_id, gone.failure?.job_id]).toStrictEqual([jobId("build"), jobId("build")]);
  });

  test("explainRun() names the limit that a job or a step reached, of further failures, too", async () => {
    const graph = graphOf([
      { id: "whole", script: ["sleep 9"], timeout_ms: 500, step_options: [{ step: 1, timeout_ms: 60_000 }] },
      {
        id: "part",
        script: ["true", "sleep 9"],
        timeout_ms: 60_000,
        step_options: [{ step: 2, timeout_ms: 300 }],
      },
    ]);
    const over = (message: string): StepPlay => ({
      end: { kind: "signaled", signal: "SIGTERM", error: { code: "timeout", message } },
    });
    const { directory } = played({
      graph,
      step: (job, step) =>
        job === "whole"
          ? over("The job ran longer than its limit of 0.5 s")
          : step === 2
            ? over("Step 2 ran longer than its limit of 0.3 s")
            : undefined,
    });
    const whole = await explained(directory);
    expect(whole.failure).toMatchObject({ job_id: "whole", step: 1, limit: { of: "job", ms: 500 } });
    expect(whole.summary).toContain("The job ran longer than its limit of 0.5 s");
    expect(whole.other_failures).toMatchObject([{ job_id: "part", step: 2, limit: { of: "step", ms: 300 } }]);
    expect(explanationLines(whole)).toContain("  part › 02 sleep 9 (over the limit of the step, 300 ms)");
    const part = await explained(directory, { jobId: jobId("part") });
    expect(part.failure?.limit).toStrictEqual({ of: "step", ms: 300 });
    expect(part.summary).toBe(
      'Job "part" failed in step 2 of 2 (sleep 9): Step 2 ran longer than its limit of 0.3 s',
    );
  });

  test("explainRun() names the step that failed the job, whatever failed after it, with its manifest and without", async () => {
    const graph = graphOf([{ id: "build", script: ["exit 3", "never"], after_script: ["exit 4"] }]);
    const step = (_job: string, number: number): StepPlay => ({
      end: { kind: "exited", exitCode: number === 1 ? 3 : 4 },
    });
    const { directory } = played({ graph, step });
    const failure = { unit: "step", step: 1, exit_code: 3 };
    expect((await explained(directory)).failure).toMatchObject(failure);
    rmSync(join(directory, "jobs/build/manifest.json"));
    expect((await explained(directory)).failure).toMatchObject(failure);
    const end = { kind: "lost", error: { code: "worker_lost", message: "It does not answer" } } as const;
    const lost = played({ graph, step: (job, number) => (number === 1 ? step(job, 1) : { end }) });
    rmSync(join(lost.directory, "jobs/build/manifest.json"));
    expect((await explained(lost.directory)).failure).toMatchObject(failure);
  });

  test("explainRun() says that the worker of a job was lost, in a step of its script and in what follows", async () => {
    const graph = graphOf([{ id: "build", script: ["make", "make test"], after_script: ["tidy"] }]);
    const end = {
      kind: "lost",
      error: { code: "worker_lost", message: "Worker b does not answer" },
    } as const;
    for (const lost of [2, 3]) {
      const { directory } = played({
        graph,
        step: (_job, step) => (step === lost ? { end } : undefined),
      });
      const { failure, summary } = await explained(directory);
      expect(failure).toMatchObject({
        unit: "step",
        step: lost,
        attempts: 3,
        meaning: { code: "worker_lost" },
      });
      expect(failure).not.toHaveProperty("exit_code");
      expect(summary).toBe(
        `Job "build" failed after 3 attempts in step ${lost} of 3 (${lost === 2 ? "make test" : "tidy"}): its worker was lost: worker b does not answer`,
      );
    }
  });

  test("explainRun() returns an error when nothing of a run can be read", async () => {
    const { directory } = played(FAILING);
    for (const path of [
      "summary.json",
      "pipeline/summary.json",
      "pipeline/manifest.json",
      "pipeline/events.jsonl",
    ]) {
      writeFileSync(join(directory, path), "garbage");
    }
    const run = await openRun(directory);
    const explanation = run.ok ? await explainRun(run.value) : run;
    expect(explanation).toMatchObject({ ok: false, error: { code: "ARTIFACTS_INVALID_DOCUMENT" } });
  });
});
