import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_NATS_SERVER, openNatsServer, type OpenNatsServer } from "../nats-server.ts";
import { processesOf } from "../project.ts";
import { makeFarProject, type FarProject } from "./far-project.ts";

const LONG = `version: v1
stages: [a]
long:
  stage: a
  runner_pool: POOL
  script: [echo going; sleep 300]
`;

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  let server: OpenNatsServer | undefined;
  beforeAll(async () => {
    server = await openNatsServer();
  });
  afterAll(async () => await server?.stop());

  const farProject = (workflow: string): FarProject => makeFarProject(workflow, { url: server?.url ?? "" });

  /** What came of a run that was stopped. */
  const expectCancelled = (project: FarProject, exitCode: number | null): void => {
    expect(exitCode).toBe(130);
    const { pipelineManifest, receipt } = project.lastRun();
    expect(pipelineManifest.jobs.map(({ status }) => status)).toEqual(["cancelled"]);
    expect(receipt.status).toBe("cancelled");
    expect(processesOf(receipt.run_id)).toEqual([]);
    expect(project.verdict()).toBe("valid");
  };

  test("a run that is stopped ends its jobs on workers, which take others then", async () => {
    const project = farProject(LONG);
    const worker = await project.worker("w1", { args: ["--slots", "1"] });
    const run = project.run();
    await run.said("│ going");
    run.process.kill("SIGINT");
    expectCancelled(project, (await run.ended).exitCode);
    await worker.said("Done:");
    const next = project.run("--var", "NEXT=1");
    await next.said("│ going");
    next.process.kill("SIGINT");
    expectCancelled(project, (await next.ended).exitCode);
  });

  test("a job waits for a worker, and a run that is stopped meanwhile closes at once", async () => {
    const project = farProject(LONG);
    const run = project.run();
    await run.said("start     long");
    expect(project.loom(["ctl", "state"]).stdout).toMatch(/long +running/u);
    const sinceMs = performance.now();
    run.process.kill("SIGINT");
    expectCancelled(project, (await run.ended).exitCode);
    const { receipt: first } = project.lastRun();
    expect(performance.now() - sinceMs).toBeLessThan(3_000);
    // It is not done later, when somebody comes.
    const worker = await project.worker("w1");
    const next = project.run("--var", "NEXT=1");
    await next.said("│ going");
    next.process.kill("SIGINT");
    await next.ended;
    worker.process.kill("SIGTERM");
    const { stdout } = await worker.ended;
    const { run_id: over } = first;
    expect(stdout).toContain(`Taken: long of ${over}: its run is over\n`);
  });

  test("a job begins when a worker comes", async () => {
    const project = farProject(LONG.replace("sleep 300", "true"));
    const run = project.run();
    await run.said("start     long");
    await project.worker("w1");
    expect((await run.ended).exitCode).toBe(0);
    expect(project.verdict()).toBe("valid");
  });
});
