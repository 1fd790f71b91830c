import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openNatsExchange } from "@loom/remote/nats";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_NATS_SERVER, openNatsServer } from "../nats-server.ts";
import { COUNTING, countedIn, expectAllCounted, upTo } from "./counting-job.ts";
import { makeFarProject } from "./far-project.ts";
import { startCluster } from "./nats-cluster.ts";

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  test("a run goes on when its server was killed and started anew, and loses nothing", async () => {
    let server = await openNatsServer();
    onTestFinished(async () => await server.stop());
    const project = makeFarProject(COUNTING, { url: server.url, lease: "20s" });
    await project.worker("w1");
    const gate = join(project.root, "gate");
    const run = project.run("--var", `GATE=${gate}`);
    await run.said("│ line 10\n");
    server = await server.restart();
    await run.said("│ line 60\n");
    writeFileSync(gate, "");
    expectAllCounted(project, await run.ended);
  });

  test("what three servers keep can be read at once when one of them was killed", async () => {
    const cluster = await startCluster();
    onTestFinished(async () => await cluster.stop());
    const exchange = await openNatsExchange({ servers: cluster.url.split(","), replicas: 3 });
    onTestFinished(async () => await exchange.close());
    await exchange.leases.hold("run.1", Buffer.from("there"));
    await cluster.killFollowerOf("KV_LOOM_LEASES");
    const lists = Array.from({ length: 16 }, async () => await exchange.leases.list("run."));
    for (const list of await Promise.all(lists)) expect([...list.keys()]).toEqual(["run.1"]);
  });

  test("a run goes on when the leader of three servers is killed", async () => {
    const cluster = await startCluster();
    onTestFinished(async () => await cluster.stop());
    const project = makeFarProject(COUNTING, { url: cluster.url, replicas: "3", lease: "20s" });
    await project.worker("w1");
    const gate = join(project.root, "gate");
    const run = project.run("--var", `GATE=${gate}`);
    await run.said("│ line 10\n");
    await cluster.killLeaderOf("LOOM_RUNS");
    // It goes on, and after that the job ends.
    await run.said("│ line 60\n");
    writeFileSync(gate, "");
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(0);
    const counted = countedIn(stdout);
    expect(counted).toEqual(upTo(counted.length));
    expect(stdout).toMatch(new RegExp(`use *│ made ${counted.length}\\n`, "u"));
    expect(project.verdict()).toBe("valid");
  });
});
