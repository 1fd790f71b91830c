import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject, processesOf, type Project } from "../project.ts";
import { until } from "../until.ts";

const WORKFLOW = `version: v1
stages: [work, later]
slow:
  stage: work
  retry: 2
  script: ["echo started; sleep 300"]
steady:
  stage: work
  script: ["echo going; while [ ! -e flag ]; do sleep 0.05; done"]
after:
  stage: later
  script: ["true"]
`;

/** Starts the workflow in the checkout and waits until both of its first jobs work. */
async function running(): Promise<{ project: Project; run: ReturnType<Project["start"]> }> {
  const project = makeProject({ workflow: WORKFLOW });
  const run = project.start(["run", "--stream", "-j", "2", "--in-place", "--grace", "2s"]);
  await Promise.all([run.said("│ started"), run.said("│ going")]);
  // It is there for a moment before it is closed to others; the folder around it always is.
  await until(() => sockets(project).some((path) => (statSync(path).mode & 0o777) === 0o600));
  return { project, run };
}

function sockets(project: Project): string[] {
  const active = join(project.root, ".loom/.runtime/active");
  return readdirSync(active)
    .filter((name) => name.endsWith(".sock"))
    .map((name) => join(active, name));
}

describe("loom ctl", () => {
  test("shows what a run is at, in words and as JSON, as loom show does", async () => {
    const { project, run } = await running();
    const [socket = ""] = sockets(project);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
    const state = project.loom(["ctl", "state", "--json"]);
    expect(JSON.parse(state.stdout)).toMatchObject({
      kind: "loom-run-state",
      phase: "running",
      counts: { total: 3, running: 2, pending: 1 },
      jobs: [
        { job_id: "slow", status: "running", attempt: 1, step: 1, command: "echo started; sleep 300" },
        { job_id: "steady", status: "running" },
        { job_id: "after", status: "pending" },
      ],
    });
    expect(project.loom(["show", "--json"])).toEqual(state);
    const words = project.loom(["ctl", "state"]);
    expect(words.stdout).toMatch(/^loom-run-local-\d+ {2}running .* {2}0\/3 done, 2 running {2}\.loom/u);
    expect(words.stdout).toMatch(/\n {2}slow {4}running {3} +\S+ {2}step 1: echo started; sleep 300\n/u);
    expect(project.loom(["show"]).stdout.split("\n").length).toBe(words.stdout.split("\n").length);
    run.process.kill("SIGTERM");
    await run.ended;
    expect(sockets(project)).toEqual([]);
  });

  test("cancels one job: it fails without another try, the rest goes on, and who asked is on record", async () => {
    const { project, run } = await running();
    expect(project.loom(["ctl", "cancel-job", "slow"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    await run.said("failed");
    expect(project.loom(["ctl", "cancel-job", "slow"])).toMatchObject({
      exitCode: 1,
      stderr: 'loom: Job "slow" is not running: it is failed\n',
    });
    expect(project.loom(["ctl", "cancel-job", "slwo"])).toMatchObject({
      exitCode: 1,
      stderr: 'loom: The run has no job "slwo"\n',
    });
    writeFileSync(join(project.root, "flag"), "");
    expect((await run.ended).exitCode).toBe(1);
    const { receipt, pipelineManifest, events } = project.lastRun();
    expect(pipelineManifest.jobs.map(({ job_id: id, status }) => [id, status])).toEqual([
      ["slow", "failed"],
      ["steady", "success"],
      ["after", "skipped"],
    ]);
    expect(events("jobs/slow/user/execution/script/01/events.jsonl").at(-1)).toMatchObject({
      status: "failed",
      signal: "SIGTERM",
      error: { code: "job_cancelled", message: "The job was cancelled on request" },
    });
    expect(events("events.jsonl")).toContainEqual(
      expect.objectContaining({
        event: "log",
        cancel_job: "slow",
        request: "cancel_job",
        by: { pid: expect.any(Number) as number, user: expect.any(String) as string },
      }),
    );
    expect(project.verdict(receipt.run_id)).toBe("valid");
    const explained = project.loom(["explain"]).stdout;
    expect(explained).toContain("The job was cancelled on request");
    expect(processesOf(receipt.run_id)).toEqual([]);
  });

  test("runs a manual job while the run goes on, with what waits for it, and holds no later stage up", async () => {
    const project = makeProject({
      workflow: `version: v1
stages: [work, deploy, later]
steady:
  stage: work
  script: ["echo going; while [ ! -e flag ]; do sleep 0.05; done"]
deploy:
  stage: deploy
  when: manual
  script: ["echo deployed"]
announce:
  stage: deploy
  needs: [deploy]
  script: ["echo announced"]
tidy:
  stage: deploy
  when: manual
  script: ["echo tidied"]
check:
  stage: later
  script: ["echo checking; while [ ! -e end ]; do sleep 0.05; done"]
`,
    });
    const run = project.start(["run", "--stream", "-j", "2", "--in-place"]);
    await run.said("│ going");
    await until(() => sockets(project).length > 0);
    writeFileSync(join(project.root, "flag"), "");
    await run.said("│ checking");
    expect(project.loom(["ctl", "play", "deploy"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    await run.said("│ announced");
    expect(project.loom(["ctl", "play", "deploy"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: 'loom: Job "deploy" does not wait for somebody to ask for it: it is success\n',
    });
    writeFileSync(join(project.root, "end"), "");
    expect((await run.ended).exitCode).toBe(0);
    const { receipt, pipelineManifest, events } = project.lastRun();
    expect(pipelineManifest.jobs.map(({ job_id: id, status }) => [id, status])).toEqual([
      ["steady", "success"],
      ["deploy", "success"],
      ["announce", "success"],
      ["tidy", "skipped"],
      ["check", "success"],
    ]);
    expect(events("events.jsonl")).toContainEqual(
      expect.objectContaining({
        event: "log",
        request: "play",
        play: "deploy",
        by: expect.anything() as object,
      }),
    );
    expect(events("pipeline/events.jsonl")).toContainEqual(
      expect.objectContaining({ job_id: "tidy", to: "skipped", reason: "manual" }),
    );
    expect(project.verdict(receipt.run_id)).toBe("valid");
  });

  test("cancels the run as SIGTERM does, and who asked is on record", async () => {
    const { project, run } = await running();
    expect(project.loom(["ctl", "cancel"])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect((await run.ended).exitCode).toBe(143);
    const { receipt, events } = project.lastRun();
    expect(receipt).toMatchObject({ status: "cancelled", exit_code: 143 });
    expect(events("events.jsonl")).toContainEqual(
      expect.objectContaining({ event: "log", request: "cancel", by: expect.anything() as object }),
    );
    expect(project.verdict(receipt.run_id)).toBe("valid");
  });

  test("gives every record from one on, in order, until the run is over", async () => {
    const { project, run } = await running();
    const follower = project.start(["ctl", "events", "--from", "5"]);
    await follower.said('"text":"started"');
    writeFileSync(join(project.root, "flag"), "");
    expect(project.loom(["ctl", "cancel-job", "slow"]).exitCode).toBe(0);
    await run.ended;
    const { exitCode, stdout } = await follower.ended;
    const records = stdout
      .trimEnd()
      .split("\n")
      .map(
        (line) => JSON.parse(line) as { seq: number; phase_code?: string; job_id?: string; text?: string },
      );
    expect(exitCode).toBe(0);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 5));
    expect(records.at(-1)).toMatchObject({ event: "phase_finish", phase_code: "run.finalize" });
    expect(records.find(({ text }) => text === "started")).toMatchObject({ job_id: "slow", step: 1 });
  });

  test("says that a run is over, and that there is none", () => {
    const project = makeProject({ workflow: WORKFLOW.replaceAll(/script: .*/gu, 'script: ["true"]') });
    expect(project.loom(["ctl", "state"]).exitCode).toBe(2);
    expect(project.loom(["run", "-q"]).exitCode).toBe(0);
    const { receipt } = project.lastRun();
    expect(project.loom(["ctl", "cancel"])).toEqual({
      exitCode: 1,
      stdout: "",
      stderr: `loom: Run "${receipt.run_id}" is over: only a run that goes on can be asked\n`,
    });
    expect(sockets(project)).toEqual([]);
  });

  test("leaves no socket of a run that was killed once the next one has closed it", async () => {
    const { project, run } = await running();
    run.process.kill("SIGKILL");
    await run.ended;
    expect(sockets(project)).toHaveLength(1);
    expect(project.loom(["recover", "last"]).exitCode).toBe(0);
    expect(sockets(project)).toEqual([]);
    expect(existsSync(join(project.root, ".loom/.runtime/active"))).toBe(true);
  });
});
