import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { HAS_NATS_SERVER, openNatsServer } from "../nats-server.ts";
import { makeFarProject } from "./far-project.ts";
import { startCluster } from "./nats-cluster.ts";

/** A job that prints on and on, until a file is there; then another one gets what it made. */
const COUNTING = `version: v1
stages: [a, b]
count:
  stage: a
  runner_pool: POOL
  script:
    - n=0; while test ! -e "$GATE"; do n=$((n+1)); echo "line $n"; sleep 0.02; done; echo $n > made
  artifacts: {paths: [made]}
use:
  stage: b
  runner_pool: POOL
  script: ['echo "made $(cat made)"']
`;

/** The numbers of the lines that a run printed. */
function countedIn(stdout: string): readonly number[] {
  return [...stdout.matchAll(/^count *│ line (\d+)$/gmu)].map(([, n]) => Number(n));
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

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
    const { exitCode, stdout } = await run.ended;
    expect(exitCode).toBe(0);
    const counted = countedIn(stdout);
    expect(counted).toEqual(upTo(counted.length));
    expect(stdout).toMatch(new RegExp(`use *│ made ${counted.length}\\n`, "u"));
    expect(stdout).not.toContain("attempt 2");
    expect(project.verdict()).toBe("valid");
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
