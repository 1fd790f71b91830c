import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_NATS_SERVER, openNatsServer, type OpenNatsServer } from "../nats-server.ts";
import { processesOf } from "../project.ts";
import { makeFarProject, WAIT, type FarProject, type FarWorker } from "./far-project.ts";
import { GATED, lossOf, openGate, processesOn, runIdOf } from "./gated-job.ts";

/** Kills a worker and what watches over it, as when the machine runs out of memory. */
async function killWithWatch(worker: FarWorker): Promise<void> {
  const children = readFileSync(`/proc/${worker.pid}/task/${worker.pid}/children`, "utf8");
  for (const pid of children.trim().split(" ").map(Number))
    if (readFileSync(`/proc/${pid}/environ`, "utf8").includes("after-worker-death"))
      process.kill(pid, "SIGKILL");
  worker.process.kill("SIGKILL");
  await worker.ended;
}

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  let server: OpenNatsServer | undefined;
  beforeAll(async () => {
    server = await openNatsServer();
  });
  afterAll(async () => await server?.stop());

  const farProject = (workflow: string): FarProject =>
    makeFarProject(workflow, { url: server?.url ?? "", lease: "2s" });
  const gatedProject = (): FarProject => farProject(GATED);
  const gatesOf = ({ root }: FarProject): readonly string[] => ["--var", `GATES=${root}`];

  test("the job of a worker that is killed begins anew on another one, and nothing of the first stays", async () => {
    const project = gatedProject();
    const first = await project.worker("w1");
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    const runId = runIdOf(project);
    const [pid] = processesOn("w1", runId);
    if (process.platform === "linux") expect(pid).toBeDefined();
    await project.worker("w2");
    first.process.kill("SIGKILL");
    await expect.poll(() => processesOn("w1", runId), WAIT).toEqual([]);
    await run.said("│ on w2");
    openGate(project, "w2");
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("retry     gated  attempt 2, after step 02 worker_lost\n");
    expect(stdout).toContain("success   gated");
    const { jobManifest } = project.lastRun();
    expect(lossOf(project)).toMatch(
      /^Worker "p[\d-]+-w1" has lost the job: nothing was heard of it for 2 s$/u,
    );
    expect(jobManifest("gated")).toMatchObject({ status: "success" });
    expect(project.verdict()).toBe("valid");
  });

  test("a job that is not to be tried again fails with its worker, and explain names the loss", async () => {
    const project = farProject(GATED.replace("  script:", "  retry: {max: 0, on: [worker]}\n  script:"));
    const worker = await project.worker("w1");
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    worker.process.kill("SIGKILL");
    expect((await run.ended).exitCode).toBe(1);
    expect(project.verdict()).toBe("valid");
    const { stdout } = project.loom(["explain"]);
    expect(stdout).toMatch(
      /^failure {2}Job "gated" failed in step 2 of 2 .*: its worker was lost: worker "p[\d-]+-w1" has lost the job: nothing was heard of it for 2 s$/mu,
    );
  });

  test.runIf(process.platform === "linux")(
    "a worker that starts ends what another one left that died with its watch, and nothing else",
    async () => {
      const project = gatedProject();
      const first = await project.worker("w1");
      const run = project.run(...gatesOf(project));
      await run.said("│ on w1");
      const runId = runIdOf(project);
      const living = await project.worker("w2");
      await killWithWatch(first);
      expect(processesOn("w1", runId)).not.toEqual([]);
      for (const name of ["w2", "w3"]) openGate(project, name);
      const next = await project.worker("w3");
      await expect.poll(() => processesOn("w1", runId), WAIT).toEqual([]);
      expect((await run.ended).exitCode).toBe(0);
      expect(project.verdict()).toBe("valid");
      const folders = project.workerFolders().map((name) => name.replace(/-[0-9a-f]{8}(?=\.json$|$)/u, ""));
      expect(folders.map((name) => name.replace(/^.*-(?=w\d)/u, ""))).toEqual([
        "w2",
        "w2.json",
        "w3",
        "w3.json",
      ]);
      for (const worker of [living, next]) expect(worker.process.exitCode).toBeNull();
    },
  );

  test("a worker that was away for too long has lost its job, and ends it when it is back", async () => {
    const project = gatedProject();
    const first = await project.worker("w1");
    writeFileSync(join(project.root, "stay-on-w1"), "");
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    const runId = runIdOf(project);
    first.process.kill("SIGSTOP");
    await project.worker("w2");
    await run.said("│ on w2");
    openGate(project, "w1");
    first.process.kill("SIGCONT");
    // Without an attempt: the second one may come to it, too, and is found to be another worker's.
    await first.said(`Taken: gated of ${runId}\n`);
    expect(processesOn("w1", runId)).toEqual([]);
    openGate(project, "w2");
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain("through on w2");
    expect(stdout).not.toContain("through on w1");
    expect(project.verdict()).toBe("valid");
  });

  test("a worker that is asked to leave lets its job end", async () => {
    const project = gatedProject();
    const first = await project.worker("w1", { args: ["--slots", "2"] });
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    first.process.kill("SIGTERM");
    await first.said("Leaving");
    await expect.poll(() => project.loom(["workers"]).stdout, WAIT).toContain("1 of 2 busy, leaving");
    openGate(project, "w1");
    expect((await run.ended).exitCode).toBe(0);
    expect((await first.ended).exitCode).toBe(0);
    expect(project.verdict()).toBe("valid");
  });

  test("a worker that may not wait longer hands its job back", async () => {
    const project = gatedProject();
    const first = await project.worker("w1", { args: ["--drain-timeout", "200ms"] });
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    await project.worker("w2");
    first.process.kill("SIGTERM");
    expect((await first.ended).exitCode).toBe(0);
    await run.said("│ on w2");
    openGate(project, "w2");
    expect((await run.ended).exitCode).toBe(0);
    expect(lossOf(project)).toMatch(/^Worker "p[\d-]+-w1" has lost the job: its worker was asked to leave$/u);
    expect(project.verdict()).toBe("valid");
  });

  test("a worker ends the job of a run that is not heard of any more, and its evidence can be closed", async () => {
    const project = gatedProject();
    const worker = await project.worker("w1", { args: ["--orphan-grace", "1s"] });
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    const runId = runIdOf(project);
    run.process.kill("SIGKILL");
    await run.ended;
    await worker.said(`Taken: gated of ${runId}\n`);
    expect(processesOf(runId)).toEqual([]);
    openGate(project, "w1");
    const next = await project.run(...gatesOf(project)).ended;
    expect(next.exitCode).toBe(0);
    expect(next.stderr).toContain(`loom resume ${runId} goes on with it`);
    expect(project.loom(["recover", runId])).toMatchObject({ exitCode: 0, stderr: "" });
    expect([project.verdict(runId), project.verdict()]).toEqual(["valid", "valid"]);
  });

  test("a run that was killed is gone on with, and its worker has gone on with the step", async () => {
    const project = gatedProject();
    const worker = await project.worker("w1", { args: ["--slots", "1"] });
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    const runId = runIdOf(project);
    const [shell] = processesOn("w1", runId);
    run.process.kill("SIGKILL");
    await run.ended;
    const stream = join(project.root, ".loom/.runtime/logs", runId, "events.jsonl");
    const timesCarriedOn = (): number =>
      readFileSync(stream, "utf8").split('"carried_on":"gated"').length - 1;
    const resumed = project.start(["resume", runId, ...gatesOf(project)]);
    await expect.poll(timesCarriedOn, WAIT).toBe(1);
    // Whoever has taken it up may die as well.
    resumed.process.kill("SIGKILL");
    await resumed.ended;
    const again = project.start(["resume", runId, ...gatesOf(project)]);
    await expect.poll(timesCarriedOn, WAIT).toBe(2);
    expect(processesOn("w1", runId)).toContain(shell);
    openGate(project, "w1");
    const { exitCode, stderr } = await again.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(project.verdict(runId)).toBe("valid");
    const { events, jobManifest } = project.lastRun();
    expect(jobManifest("gated")).toMatchObject({ status: "success" });
    expect(jobManifest("gated")).not.toHaveProperty("attempts");
    const texts = events("jobs/gated/user/execution/script/02/events.jsonl").flatMap((event) =>
      event.event === "output" ? [event.text] : [],
    );
    expect(texts).toEqual(["on w1", "through on w1"]);
    worker.process.kill("SIGTERM");
    expect((await worker.ended).stdout).not.toContain("Taken:");
  });

  test("a run that was killed is gone on with, and what ended meanwhile counts", async () => {
    const project = gatedProject();
    const worker = await project.worker("w1", { args: ["--slots", "1"] });
    const run = project.run(...gatesOf(project));
    await run.said("│ on w1");
    const runId = runIdOf(project);
    run.process.kill("SIGKILL");
    await run.ended;
    openGate(project, "w1");
    await expect.poll(() => processesOn("w1", runId), WAIT).toEqual([]);
    const { exitCode, stderr } = project.loom(["resume", runId, ...gatesOf(project)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(project.verdict(runId)).toBe("valid");
    await worker.said("Done:");
    expect(worker.process.exitCode).toBeNull();
  });
});
