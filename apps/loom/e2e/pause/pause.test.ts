import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject, processesOf, type Project, type Running } from "../project.ts";
import { until } from "../until.ts";

const WORKFLOW = `version: v1
stages: [test, ship]
unit:
  stage: test
  carry: [cwd]
  script:
    - mkdir -p made; cd made; echo prepared >> notes
    - test -e fixed
    - cat notes
  after_script:
    - echo "after $LOOM_JOB_STATUS" >> notes
other:
  stage: test
  script: ["true"]
ship:
  stage: ship
  script: [echo shipped]
`;

function held(...args: string[]): { readonly project: Project; readonly run: Running } {
  const project = makeProject({ workflow: WORKFLOW });
  return { project, run: project.start(["run", "-j", "1", "--pause-on-failure", ...args]) };
}

test("a job is held after a step that failed, others go on, and the step is tried again from there", async () => {
  const { project, run } = held();
  await run.said("success   other");
  const { stdout } = project.loom(["ctl", "state"]);
  expect(stdout).toMatch(/unit +held +\S+ {2}step 2 failed, until .*: loom ctl retry-step unit/u);
  expect(project.loom(["ctl", "retry-step", "other"])).toMatchObject({
    exitCode: 1,
    stderr: 'loom: Job "other" is not held after a step that failed: it is success\n',
  });
  expect(project.loom(["ctl", "retry-step", "unit"])).toMatchObject({ exitCode: 0, stderr: "" });
  await run.said("attempt 2 from step 2, after step 02 exit 1");
  await run.said(
    "held      unit › 02 test -e fixed (exit 1), for 30m\n  loom ctl retry-step unit loom-run-local-",
  );
  await until(() => project.loom(["ctl", "state"]).stdout.includes("held"));
  writeFileSync(join(project.root, "made/fixed"), "");
  expect(project.loom(["ctl", "retry-step", "unit"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await run.ended).exitCode).toBe(0);
  const { jobManifest, receipt, events } = project.lastRun();
  expect(project.verdict()).toBe("valid");
  // What came before the step that failed ran once, and what follows the steps did, too.
  expect(readFileSync(join(project.root, "made/notes"), "utf8")).toBe("prepared\nafter success\n");
  expect(jobManifest("unit").steps).toMatchObject([
    {
      status: "success",
      kept_from_attempt: 1,
      events_path: "jobs/unit/user/execution/attempts/1/script/01/events.jsonl",
    },
    { status: "success", events_path: "jobs/unit/user/execution/script/02/events.jsonl" },
    { status: "success", output_lines: 1 },
    { status: "success", part: "after" },
  ]);
  expect(events("jobs/unit/user/execution/attempts/2/script/02/events.jsonl").at(-1)).toMatchObject({
    status: "failed",
    attempt: 2,
  });
  expect(events("events.jsonl")).toContainEqual(
    expect.objectContaining({
      resume_job: "unit",
      how: "retry_step",
      request: "retry_step",
      by: { pid: expect.any(Number) as number, user: expect.any(String) as string },
    }),
  );
  expect(project.loom(["logs", receipt.run_id, "unit"]).stdout).toBe("$ cat notes\nprepared\n");
});

test("a job that is held fails as it did when it is let go, and what follows its steps runs", async () => {
  const { project, run } = held();
  await run.said("held");
  expect(project.loom(["ctl", "continue", "unit"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await run.ended).exitCode).toBe(1);
  const { jobManifest, pipelineManifest } = project.lastRun();
  expect(jobManifest("unit")).toMatchObject({ status: "failed", failing_step: 2 });
  expect(pipelineManifest.jobs.map(({ status }) => status)).toEqual(["failed", "success", "skipped"]);
  expect(readFileSync(join(project.root, "made/notes"), "utf8")).toBe("prepared\nafter failed\n");
  expect(project.verdict()).toBe("valid");
});

test("nobody answers in time: the job fails, and the evidence says why it went on", async () => {
  const { project, run } = held("--pause-timeout", "1s");
  expect((await run.ended).exitCode).toBe(1);
  const { events } = project.lastRun();
  expect(events("events.jsonl")).toContainEqual(
    expect.objectContaining({
      message: 'Nobody said how job "unit" goes on, so it fails',
      how: "continue",
      timeout_ms: 1000,
    }),
  );
  expect(project.verdict()).toBe("valid");
});

test("a run whose job is held is stopped like any other", async () => {
  const { project, run } = held();
  await run.said("success   other");
  run.process.kill("SIGINT");
  expect((await run.ended).exitCode).toBe(130);
  const { pipelineManifest, receipt } = project.lastRun();
  expect(pipelineManifest.jobs.map(({ status }) => status)).toEqual(["cancelled", "success", "cancelled"]);
  expect(project.verdict()).toBe("valid");
  expect(processesOf(receipt.run_id)).toEqual([]);
});

test("a run that is killed while a job is held is closed like any other", async () => {
  const { project, run } = held();
  await run.said("success   other");
  expect(project.loom(["ctl", "retry-step", "unit"])).toMatchObject({ exitCode: 0, stderr: "" });
  await run.said("attempt 2");
  run.process.kill("SIGKILL");
  await run.ended;
  expect(project.loom(["recover", "last"])).toMatchObject({ exitCode: 0, stderr: "" });
  const { jobManifest, receipt } = project.lastRun();
  expect(receipt.error).toContain("interrupted");
  expect(jobManifest("unit")).toMatchObject({
    status: "cancelled",
    steps: [{ kept_from_attempt: 1 }, {}, {}, {}],
  });
  expect(project.verdict()).toBe("valid");
});

test("programs are told which commands a job that is held waits for", async () => {
  const { project, run } = held("--json");
  await run.said('"event":"job_paused"');
  run.process.kill("SIGTERM");
  const { stdout } = await run.ended;
  const { receipt } = project.lastRun();
  const told = stdout
    .split("\n")
    .filter((line) => line.includes('"job_paused","job_id"'))
    .map((line) => JSON.parse(line) as object);
  expect(told).toEqual([
    {
      event: "job_paused",
      job_id: "unit",
      step: 2,
      commands: {
        retry_step: `loom ctl retry-step unit ${receipt.run_id}`,
        shell: `loom ctl shell unit ${receipt.run_id}`,
        continue: `loom ctl continue unit ${receipt.run_id}`,
        cancel: `loom ctl cancel ${receipt.run_id}`,
      },
    },
  ]);
});

test("a shell in the place of a job that is held starts where its step would, with its variables", async () => {
  const { project, run } = held();
  await run.said("success   other");
  const asked = project.loom(
    ["ctl", "shell", "unit"],
    {},
    "pwd; echo $LOOM_JOB_ID $LOOM_STEP; touch fixed; exit 3\n",
  );
  expect(asked).toEqual({ exitCode: 3, stdout: `${project.root}/made\nunit 2\n`, stderr: "" });
  expect(project.loom(["ctl", "retry-step", "unit"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await run.ended).exitCode).toBe(0);
  expect(project.lastRun().events("events.jsonl")).toContainEqual(
    expect.objectContaining({ request: "shell", shell: "unit" }),
  );
  expect(project.verdict()).toBe("valid");
});

test("a shell is for jobs that are held", async () => {
  const { project, run } = held();
  await run.said("success   other");
  expect(project.loom(["ctl", "shell", "other"])).toMatchObject({
    exitCode: 1,
    stderr: 'loom: Job "other" is not held after a step that failed: it is success\n',
  });
  run.process.kill("SIGTERM");
  await run.ended;
  expect(project.loom(["ctl", "shell", "unit"])).toMatchObject({ exitCode: 1 });
});

test("--pause-exit leaves the run to itself once only held jobs are left", async () => {
  const project = makeProject({ workflow: WORKFLOW });
  const left = project.loom(["run", "-j", "2", "--pause-exit"]);
  expect(left.exitCode).toBe(77);
  expect(left.stdout).toContain("held      unit › 02 test -e fixed (exit 1), for 30m");
  expect(left.stdout).toContain("success   other");
  expect(left.stderr).toMatch(
    /^loom: left with "unit" held: process \d+ goes on with the run\. loom ctl state/u,
  );
  const explained = JSON.parse(project.loom(["explain", "--json"]).stdout) as object;
  const runId = project.loom(["ctl", "state"]).stdout.split(" ", 1)[0];
  expect(explained).toMatchObject({
    outcome: "running",
    failure: { job_id: "unit", step: 2 },
    stopped: [],
    next: [
      `loom logs ${runId} unit 2`,
      `loom ctl retry-step unit ${runId}`,
      `loom ctl shell unit ${runId}`,
      `loom ctl continue unit ${runId}`,
    ],
    notes: [],
  });
  writeFileSync(join(project.root, "made/fixed"), "");
  expect(project.loom(["ctl", "retry-step", "unit"])).toMatchObject({ exitCode: 0, stderr: "" });
  while (project.loom(["ctl", "state"]).exitCode === 0) await Promise.resolve();
  const { receipt } = project.lastRun();
  expect(receipt).toMatchObject({ status: "success", exit_code: 0 });
  expect(project.verdict()).toBe("valid");
  expect(processesOf(receipt.run_id)).toEqual([]);
});

test("--pause-exit ends as the run does where nothing is held, and passes signals on", async () => {
  const project = makeProject({
    workflow: "version: v1\nstages: [a]\nunit:\n  stage: a\n  script: [env, sleep 5]\n",
  });
  const run = project.start(["run", "--stream", "--pause-exit"]);
  await run.said("PATH=");
  run.process.kill("SIGTERM");
  const { exitCode, stdout } = await run.ended;
  expect(exitCode).toBe(143);
  expect(stdout).not.toContain("TELLS_WHEN_HELD");
  expect(project.lastRun().receipt).toMatchObject({ status: "cancelled", exit_code: 143 });
  expect(project.loom(["run", "--pause-exit", "--cache-diff"])).toMatchObject({ exitCode: 2 });
});

test("a run under way is asked to hold what fails from then on", async () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
unit:
  stage: a
  script: ["echo going; while [ ! -e asked ]; do sleep 0.05; done; test -e fixed"]
`,
  });
  const run = project.start(["run", "--stream"]);
  await run.said("│ going");
  expect(project.loom(["ctl", "pause", "--timeout", "0"])).toMatchObject({ exitCode: 2 });
  expect(project.loom(["ctl", "pause", "--timeout", "10m"]).exitCode).toBe(0);
  writeFileSync(join(project.root, "asked"), "");
  await run.said("for 10m");
  writeFileSync(join(project.root, "fixed"), "");
  expect(project.loom(["ctl", "retry-step", "unit"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect((await run.ended).exitCode).toBe(0);
  expect(project.verdict()).toBe("valid");
});

test("of two that say how a job goes on at once, one is heard", async () => {
  const { project, run } = held();
  await run.said("success   other");
  const said = await Promise.all(
    ["retry-step", "continue", "retry-step"].map((how) => project.start(["ctl", how, "unit"]).ended),
  );
  // A step that fails again holds its job again, and then the next one is heard; a job that fails may end its run.
  const heard = said.filter(({ exitCode }) => exitCode === 0).length;
  expect(heard).toBeGreaterThanOrEqual(1);
  for (const { exitCode, stderr } of said)
    if (exitCode !== 0)
      expect(stderr).toMatch(
        /^loom: (?:Job "unit" is not held|The run cannot be asked|The run is over|Run ".*" is over)/u,
      );
  run.process.kill("SIGTERM");
  await run.ended;
  const asked = project
    .lastRun()
    .events("events.jsonl")
    .filter((event) => "resume_job" in event);
  expect(asked).toHaveLength(heard);
  expect(project.verdict()).toBe("valid");
});
