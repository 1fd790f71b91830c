import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { temporaryDirectory } from "@loom/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { planWorkflow } from "../plan-workflow.ts";
import { runWorkflow, WorkflowError, type RunWorkflowOptions, type WorkflowResult } from "../run-workflow.ts";

const CACHE = realpathSync(mkdtempSync(join(tmpdir(), "loom-retry-")));
afterAll(() => rmSync(CACHE, { recursive: true, force: true }));

const WORKFLOW = `version: v1
stages: [build, test, ship]
compile: {stage: build, script: ["mkdir out && date +%N > out/built"], artifacts: {paths: [out]}}
style: {stage: test, script: ["true"]}
unit: {stage: test, needs: [compile], script: ["cat out/built", "test -f $DONE"]}
alone: {stage: test, needs: [compile], workspace: own, script: ["cat out/built", "test -f $DONE"]}
tell: {stage: ship, when: on_failure, script: ["true"]}
ship: {stage: ship, script: ["cat out/built"]}
`;

let root = "";
let done = "";

/** Makes a repository of one commit, whose jobs `unit` and `alone` fail until the file `done` is there. */
function makeProject(): void {
  root = temporaryDirectory();
  done = join(temporaryDirectory(), "done");
  mkdirSync(join(root, ".loom"));
  writeFileSync(join(root, ".loom/workflow.yml"), WORKFLOW);
  writeFileSync(join(root, ".gitignore"), "out/\n");
  const git = (...args: string[]): unknown => execFileSync("git", ["-C", root, ...args]);
  git("init", "-q");
  git("config", "user.email", "someone@example.org");
  git("config", "user.name", "Someone");
  git("add", "-A");
  git("commit", "-qm", "first");
}

function run(options: RunWorkflowOptions = {}): Promise<WorkflowResult> {
  return runWorkflow({ cwd: root, cacheHome: CACHE, env: { ...process.env, DONE: done }, ...options });
}

interface Job {
  readonly job_id: string;
  readonly status: string;
  readonly kept_from?: string;
}

/** The jobs as the manifest of a run has them: how each ended, or the run that it keeps its result from. */
function jobsOf({ runDirectory }: WorkflowResult): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(runDirectory, "pipeline/manifest.json"), "utf8")) as {
    readonly jobs: readonly Job[];
  };
  return Object.fromEntries(manifest.jobs.map((job) => [job.job_id, job.kept_from ?? job.status]));
}

function verdict({ runDirectory }: WorkflowResult): unknown {
  const report = judgeRunDirectory(runDirectory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  return report.ok ? report.value.violations : report.error;
}

async function refusal(options: RunWorkflowOptions): Promise<readonly [string, string]> {
  const thrown: unknown = await run(options).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof WorkflowError)) throw new Error(`Not refused: ${String(thrown)}`);
  return [thrown.code, thrown.message];
}

describe("runWorkflow() with a run to retry", () => {
  test("runs what failed and what was blocked, and keeps what succeeded, with all that it built", async () => {
    makeProject();
    const first = await run();
    expect(jobsOf(first)).toMatchObject({
      compile: "success",
      unit: "failed",
      alone: "failed",
      tell: "success",
    });
    const second = await run({ retry: first.runDirectory });
    expect(jobsOf(second)).toEqual({
      compile: first.runId,
      style: first.runId,
      unit: "failed",
      alone: "failed",
      tell: "success",
      ship: "skipped",
    });
    writeFileSync(done, "");
    // Kept results are kept again, from the run that they are from.
    const third = await run({ retry: second.runDirectory });
    expect(jobsOf(third)).toEqual({
      compile: first.runId,
      style: first.runId,
      unit: "success",
      alone: "success",
      tell: "skipped",
      ship: "success",
    });
    for (const each of [first, second, third]) expect(verdict(each)).toEqual([]);
    expect(third.status).toBe("success");
    expect((await refusal({ retry: third.runDirectory }))[0]).toBe("RETRY_NOTHING_FAILED");
  });

  test("plans the same as it runs", async () => {
    makeProject();
    const first = await run();
    const plan = await planWorkflow({
      cwd: root,
      cacheHome: CACHE,
      env: process.env,
      retry: first.runDirectory,
    });
    if (!plan.ok) throw new Error(plan.error.message);
    expect([...plan.value.kept]).toEqual([
      ["compile", first.runId],
      ["style", first.runId],
    ]);
    expect(plan.value.report.order.toSorted()).toEqual(["alone", "ship", "unit"]);
  });

  test("stays with the jobs that the run was about", async () => {
    makeProject();
    const first = await run({ jobs: ["unit"] });
    const second = await run({ retry: first.runDirectory });
    expect(jobsOf(second)).toEqual({
      compile: first.runId,
      style: "skipped",
      unit: "failed",
      alone: "skipped",
      tell: "skipped",
      ship: "skipped",
    });
  });

  test.each<[string, (first: WorkflowResult) => RunWorkflowOptions | void, string]>([
    ["a file was changed", () => writeFileSync(join(root, "new.txt"), ""), "files have changed since"],
    [
      "the workflow was changed",
      () => writeFileSync(join(root, ".loom/workflow.yml"), WORKFLOW.replace('["true"]', '["false"]')),
      "the workflow has changed since: style",
    ],
    [
      "a variable is set",
      () => ({ variables: { A: "b" } }),
      "variables were set with --var, whose values are not recorded",
    ],
    [
      "it worked in a snapshot",
      () => ({ workspace: "in-place" }),
      "it worked in a snapshot: leave out --in-place",
    ],
    [
      "its snapshot is gone",
      ({ snapshotPath = "" }) => rmSync(snapshotPath, { recursive: true }),
      "its snapshot was removed, and with it what its jobs built",
    ],
    [
      "its evidence is cut off",
      ({ runDirectory }) => {
        for (const path of ["summary.json", "pipeline/manifest.json"]) rmSync(join(runDirectory, path));
      },
      "it is not over, or was cut off: loom recover closes it",
    ],
  ])("refuses, and leaves no run, when %s", async (_, change, why) => {
    makeProject();
    const first = await run();
    const options = change(first) ?? {};
    expect(await refusal({ retry: first.runDirectory, ...options })).toEqual([
      "RETRY_REFUSED",
      `Cannot keep the results of ${first.runId}: ${why}. Leave out --retry-failed to run every job`,
    ]);
  });

  test("refuses when the evidence that a result is from was removed", async () => {
    makeProject();
    const first = await run();
    const second = await run({ retry: first.runDirectory });
    rmSync(first.runDirectory, { recursive: true });
    expect((await refusal({ retry: second.runDirectory }))[1]).toContain(
      `the evidence of ${basename(first.runDirectory)}, in which compile succeeded, was removed`,
    );
  });

  test("retries in the checkout itself when all was committed", async () => {
    makeProject();
    const first = await run({ workspace: "in-place" });
    expect(jobsOf(first)["unit"]).toBe("failed");
    writeFileSync(done, "");
    const second = await run({ workspace: "in-place", retry: first.runDirectory });
    expect(jobsOf(second)).toMatchObject({ compile: first.runId, unit: "success" });
    expect(dirname(second.runDirectory)).toBe(dirname(first.runDirectory));
  });
});
