import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, processesOf, type Project } from "../project.ts";
import { connect, type Answer, type Call } from "./connect.ts";
import { until } from "../until.ts";

const FAILING = `version: v1
stages: [test, later]
good: {stage: test, script: ["echo fine"]}
bad:
  stage: test
  script: ["echo before", "seq 1 2000; echo 'src/a.ts(3,7): error TS2322: not a number'; exit 3"]
after: {stage: later, script: ["true"]}
`;

const SLOW = `version: v1
stages: [test]
slow: {stage: test, script: ["touch began; sleep 300"]}
`;

/** Goes on until the test lets it. */
const HELD = `version: v1
stages: [test]
variables: {NAME: flag}
held: {stage: test, script: ["touch began; while [ ! -e $NAME ]; do sleep 0.05; done; echo $NAME"]}
`;

/** A client of its own process, which can be killed. */
const CLIENT = `
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
const [program, cwd] = process.argv.slice(-2);
const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({ command: process.execPath, args: [program, "mcp"], cwd }));
await client.callTool({ name: "loom_run_local", arguments: { in_place: true } });
`;

/** Starts a run whose call is looked at later. */
function begin(call: Call): { readonly answer: Promise<Answer> } {
  const answer = call("loom_run_local", { in_place: true });
  answer.catch(() => undefined);
  return { answer };
}

function began(project: Project): boolean {
  return existsSync(join(project.root, "began"));
}

/** Resolves when a run has closed: the claim goes last. */
async function closed(project: Project): Promise<void> {
  await until(() => readdirSync(join(project.root, ".loom/.runtime/active")).length === 0);
}

function expectCancelled(project: Project): void {
  const { receipt } = project.lastRun();
  expect(receipt).toMatchObject({ status: "cancelled" });
  expect(project.verdict()).toBe("valid");
  expect(processesOf(receipt.run_id)).toEqual([]);
}

describe("loom_run_local", () => {
  test("says in one call why a run failed, and how far it is while it runs", async () => {
    const project = makeProject({ workflow: FAILING });
    const { call } = await connect(project);
    const heard: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
    const ran = await call("loom_run_local", {}, { onprogress: (progress) => heard.push(progress) });
    expect(ran.isError).toBe(false);
    expect(ran.data).toMatchObject({
      status: "failure",
      exit_code: 1,
      run_id: project.lastRun().receipt.run_id,
      failures: [
        {
          job_id: "bad",
          failure: { step: 2, exit_code: 3 },
          errors: [{ file: "src/a.ts", line: 3 }],
        },
      ],
      failures_total: 1,
      explanation: { outcome: "failure" },
    });
    expect(existsSync(String(ran.data["receipt_path"]))).toBe(true);
    expect((ran.data["next"] as string[]).join("\n")).toContain("loom logs");
    expect(ran.text).toContain("error TS2322");
    expect(Buffer.byteLength(ran.text)).toBeLessThan(4096);
    const steps = heard.map(({ progress }) => progress);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(heard.at(-1)).toMatchObject({ progress: 3, total: 3 });
    expect(heard.map(({ message }) => message).join("\n")).toContain("bad failed");
    expect(project.verdict()).toBe("valid");
  });

  test("a green run is three lines at most; jobs, variables and retry_failed are those of loom run", async () => {
    const project = makeProject({ workflow: FAILING.replace("exit 3", "test $FIX") });
    const { call } = await connect(project);
    const good = await call("loom_run_local", { jobs: ["good"], in_place: true });
    expect(good.data).toMatchObject({ status: "success", exit_code: 0, failures: [], explanation: null });
    expect(good.text.split("\n").length).toBeLessThanOrEqual(3);
    expect((await call("loom_run_local", { in_place: true })).data).toMatchObject({ status: "failure" });
    const retried = await call("loom_run_local", { in_place: true, jobs: ["bad"], variables: { FIX: "1" } });
    expect(retried.data).toMatchObject({ status: "success" });
    expect((await call("loom_run_local", { jobs: ["none"] })).text).toContain('"none"');
    const again = await call("loom_run_local", { retry_failed: "last" });
    expect(again).toMatchObject({ isError: true });
  });

  test("the protocol's cancel ends the run as cancelled, and the server goes on", async () => {
    const project = makeProject({ workflow: SLOW });
    const { call } = await connect(project);
    const cancel = new AbortController();
    const calling = call("loom_run_local", { in_place: true }, { signal: cancel.signal });
    await until(() => began(project));
    cancel.abort();
    await expect(calling).rejects.toThrow("abort");
    await closed(project);
    expectCancelled(project);
    expect((await call("loom_runs")).data["runs"]).toMatchObject([{ status: "cancelled" }]);
  });

  test("a client that goes away cancels its run, also one whose job does not let go", async () => {
    const stubborn = SLOW.replace("touch", "trap '' TERM; touch").replace(
      "sleep 300",
      "while :; do sleep 1; done",
    );
    for (const workflow of [SLOW, stubborn]) {
      const project = makeProject({ workflow });
      const { client, call } = await connect(project);
      const { answer } = begin(call);
      await until(() => began(project));
      await client.close();
      await expect(answer).rejects.toThrow("closed");
      await closed(project);
      expectCancelled(project);
    }
  });

  test("a client that is killed cancels its run", async () => {
    const project = makeProject({ workflow: SLOW });
    const client = spawn(process.execPath, ["--input-type=module", "-e", CLIENT, LOOM, project.root], {
      cwd: import.meta.dirname,
      stdio: "ignore",
    });
    await until(() => began(project));
    client.kill("SIGKILL");
    await closed(project);
    expectCancelled(project);
  });

  test("a signal to the server cancels its runs", async () => {
    const project = makeProject({ workflow: SLOW });
    const { transport, call } = await connect(project);
    const { answer } = begin(call);
    await until(() => began(project));
    process.kill(transport.pid ?? 0, "SIGTERM");
    await expect(answer).rejects.toThrow("closed");
    await closed(project);
    expectCancelled(project);
  });

  test("in the background it answers at once, and outlives its client", async () => {
    const project = makeProject({ workflow: HELD });
    const { client, call } = await connect(project);
    const ran = await call("loom_run_local", {
      in_place: true,
      background: true,
      variables: { NAME: "other" },
    });
    expect(ran.data).toMatchObject({ status: "running", exit_code: null, failures: [] });
    await client.close();
    await until(() => began(project));
    writeFileSync(join(project.root, "other"), "");
    await closed(project);
    const { receipt } = project.lastRun();
    expect(receipt).toMatchObject({ status: "success", run_id: ran.data["run_id"] });
    expect(existsSync(String(ran.data["receipt_path"]))).toBe(true);
    const { call: later } = await connect(project);
    const refused = await later("loom_run_local", { background: true, jobs: ["none"] });
    expect(refused).toMatchObject({ isError: true });
    expect(refused.text).toContain('"none"');
  });

  test("two runs at once do not touch each other", async () => {
    const project = makeProject({ workflow: HELD });
    const { call } = await connect(project);
    const cancel = new AbortController();
    const one = call("loom_run_local", { in_place: true }, { signal: cancel.signal });
    await until(() => began(project));
    const two = call("loom_run_local", { in_place: true, variables: { NAME: "workflow" } });
    await until(() => readdirSync(join(project.root, ".loom/.runtime/active")).length >= 2);
    cancel.abort();
    await expect(one).rejects.toThrow("abort");
    writeFileSync(join(project.root, "workflow"), "");
    expect((await two).data).toMatchObject({ status: "success" });
    await closed(project);
    expect(project.verdict()).toBe("valid");
    const runs = (await call("loom_runs")).data["runs"] as { status: string }[];
    expect(runs.map(({ status }) => status).toSorted()).toEqual(["cancelled", "success"]);
  });

  test("runs nothing outside workspace_root", async () => {
    const outside = makeProject({ workflow: FAILING });
    const project = makeProject({ workflow: FAILING });
    const { call } = await connect(project);
    const path = join(outside.root, ".loom/workflow.yml");
    for (const background of [false, true])
      expect((await call("loom_run_local", { workflow_path: path, background })).text).toContain(
        "is outside workspace_root",
      );
    expect(existsSync(join(outside.root, ".loom/.runtime"))).toBe(false);
  });
});
