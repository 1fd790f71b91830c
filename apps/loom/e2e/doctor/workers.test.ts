import { openNatsExchange } from "@loom/remote/nats";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_NATS_SERVER, startNatsServer } from "../nats-server.ts";
import { makeProject, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a]
near: {stage: a, script: ["true"]}
far: {stage: a, runner_pool: linux, script: ["true"]}
gpu: {stage: a, runner_pool: gpu, script: ["true"]}
`;

interface Check {
  readonly name: string;
  readonly subject?: string;
  readonly state: string;
  readonly found: string;
  readonly advice?: string;
}

/** What `loom doctor` says of workers. */
function examine(project: Project, env: Readonly<Record<string, string>>): readonly Check[] {
  const { stdout } = project.loom(["doctor", "--json"], env);
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Check[] };
  return checks.filter(({ name }) => name === "workers");
}

describe("loom doctor and workers", () => {
  test("says nothing of them where no engine is configured", () => {
    expect(examine(makeProject({ workflow: WORKFLOW }), {})).toEqual([]);
  });

  test("says what an engine cannot be, and where none is", () => {
    const project = makeProject({ workflow: WORKFLOW });
    expect(examine(project, { LOOM_ENGINE: "http://host" })).toMatchObject([
      { state: "failure", found: expect.stringContaining('The engine cannot be "http://host"') as string },
    ]);
    const [unreachable] = examine(project, { LOOM_ENGINE: "nats://127.0.0.1:1" });
    expect(unreachable).toMatchObject({
      state: "failure",
      found: "Cannot reach a NATS server at nats://127.0.0.1:1: connection refused",
    });
    expect(project.loom(["doctor"], { LOOM_ENGINE: "nats://127.0.0.1:1" })).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^✗ workers {2,}Cannot reach a NATS server/mu) as string,
    });
  });
});

describe.skipIf(!HAS_NATS_SERVER)("loom doctor with a NATS server (nats-server)", () => {
  test("says that an engine keeps nothing, or lets nobody in", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const plain = await startNatsServer([]);
    expect(examine(project, { LOOM_ENGINE: plain.url })).toMatchObject([
      { state: "failure", found: expect.stringContaining("has no JetStream") as string },
    ]);
    const { url } = await startNatsServer(["-js", "--user", "ada", "--pass", "right"]);
    const found = (env: Readonly<Record<string, string>>): string | undefined =>
      examine(project, { LOOM_ENGINE: url, ...env })[0]?.found;
    expect(found({})).toContain("asks for credentials");
    const ada = { LOOM_ENGINE_USER: "ada" };
    expect(found({ ...ada, LOOM_ENGINE_PASSWORD: "wrong" })).toContain("refused the credentials");
    expect(found({ ...ada, LOOM_ENGINE_PASSWORD: "right" })).toContain("has nothing of Loom yet");
  });

  test("makes nothing on an engine, and says which workers are there", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { url } = await startNatsServer();
    const nothing = { state: "warning", found: `The engine at ${url} has nothing of Loom yet` };
    for (const _time of [1, 2]) expect(examine(project, { LOOM_ENGINE: url })).toMatchObject([nothing]);

    const exchange = await openNatsExchange({ servers: [url] });
    onTestFinished(async () => await exchange.close());
    expect(examine(project, { LOOM_ENGINE: url })).toMatchObject([
      { state: "warning", found: `The engine at ${url} answers, and no worker of this version is there` },
    ]);
    for (const name of ["one", "two"]) {
      const pools = name === "one" ? ["--pool", "linux", "--pool", "mac"] : ["--pool", "linux"];
      const worker = project.start(["worker", "--name", name, "--engine", url, ...pools]);
      onTestFinished(async () => {
        worker.process.kill("SIGKILL");
        await worker.ended;
      });
      await worker.said("takes");
    }
    const old = { name: "old", host: "attic", pools: ["linux"], version: "0.0.1", contract: 0 };
    await exchange.leases.hold("worker.old", Buffer.from(JSON.stringify(old)));
    await expect
      .poll(() => examine(project, { LOOM_ENGINE: url }), { timeout: 20_000 })
      .toMatchObject([
        {
          state: "ok",
          found: `The engine at ${url} answers; 2 workers are there: 2 of pool linux, 1 of pool mac`,
        },
        {
          subject: "old",
          state: "warning",
          found: expect.stringContaining("The worker on attic has Loom 0.0.1") as string,
          advice: "Install the same version of Loom on both",
        },
        {
          subject: "gpu",
          state: "warning",
          found: "No worker takes jobs of the pool that job gpu names",
          advice: "Start one: loom worker --pool gpu",
        },
      ]);
    expect(project.loom(["doctor"], { LOOM_ENGINE: url }).stdout).toMatch(/^✓ workers {2,}The engine at/mu);
  });
});
