import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import type { DeadRun, Provider, Reporter } from "@loom/ports";
import { createMemoryProvider, createRecordingSink } from "@loom/testkit";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { runWorkflow, WorkflowError, type RunWorkflowOptions } from "./run-workflow.ts";

/** A folder with a workflow, gone when the test is over. */
function project(workflow: string): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "loom-runner-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, ".loom"));
  writeFileSync(join(root, ".loom/workflow.yml"), workflow);
  return root;
}

/** Where snapshots go. */
const CACHE = realpathSync(mkdtempSync(join(tmpdir(), "loom-runner-cache-")));
afterAll(() => rmSync(CACHE, { recursive: true, force: true }));

const HEAD = "version: v1\nstages: [a]\n";

function isValid(runDirectory: string): boolean {
  const report = judgeRunDirectory(runDirectory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  return report.ok && report.value.status === "valid";
}

/** A reporter that keeps what it is given, and what it says of the end. */
function recordingReporter(): Reporter & { readonly said: string[] } {
  const said: string[] = [];
  return {
    ...createRecordingSink(),
    said,
    record: (_stream, record) => {
      if (record.event === "job_state") said.push(`${record.job_id} ${record.to}`);
    },
    finish: ({ outcome }) => void said.push(outcome.status),
    close: () => void said.push("closed"),
  };
}

test("runWorkflow() runs a workflow and says where its evidence is", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["echo hello"]}\n`);
  const reporter = recordingReporter();
  const run = await runWorkflow({ cacheHome: CACHE, cwd: root, reporters: [reporter] });
  expect(run).toMatchObject({ status: "success", exitCode: 0, verdict: "valid" });
  expect(run.explanation).toBeUndefined();
  expect(existsSync(run.receiptPath ?? "")).toBe(true);
  expect(isValid(run.runDirectory)).toBe(true);
  expect(reporter.said).toEqual(["one ready", "one running", "one success", "success", "closed"]);
  expect(readdirSync(join(root, ".loom/.runtime/active"))).toEqual([]);
});

test("runWorkflow() runs a workflow that is given as text, and names what is wrong with one", async () => {
  const root = project("not used");
  const text = `${HEAD}one: {stage: a, script: ["pwd > where"]}\n`;
  const run = await runWorkflow({ cwd: root, workflow: { text }, workspace: "in-place" });
  expect(run).toMatchObject({ status: "success", verdict: "valid" });
  expect(readFileSync(join(root, "where"), "utf8")).toBe(`${root}\n`);
  const wrong = await runWorkflow({ cwd: root, workflow: { text: `${text}two: {}\n` }, cacheHome: CACHE });
  expect(wrong).toMatchObject({
    status: "failure",
    error: {
      code: "WF_SCHEMA_V1",
      message: expect.stringContaining("(workflow given as text):4:1") as string,
    },
  });
  expect(isValid(wrong.runDirectory)).toBe(true);
});

test("runWorkflow() explains a failure", async () => {
  const root = project(
    `${HEAD}one: {stage: a, script: ["echo 'src/a.ts(3,5): error TS2322: no'; exit 2"]}\n`,
  );
  const run = await runWorkflow({ cacheHome: CACHE, cwd: root });
  expect(run).toMatchObject({ status: "failure", exitCode: 1, error: { code: "exit_code" } });
  expect(run.explanation?.failure).toMatchObject({ job_id: "one", exit_code: 2 });
});

test("runWorkflow() gives jobs the environment and the variables that it is given", async () => {
  const root = project(
    `${HEAD}one: {stage: a, script: ["echo $OUTER $INNER > seen"], variables: {INNER: weak}}\n`,
  );
  const env = { PATH: process.env["PATH"], OUTER: "caller" };
  await runWorkflow({
    cacheHome: CACHE,
    cwd: root,
    env,
    variables: { INNER: "strong" },
    workspace: "in-place",
  });
  expect(readFileSync(join(root, "seen"), "utf8")).toBe("caller strong\n");
});

test("runWorkflow() runs two projects at a time, of which one is stopped", async () => {
  const waiting = project(`${HEAD}one: {stage: a, script: ["touch started; sleep 60"]}\n`);
  const other = project(`${HEAD}one: {stage: a, script: ["true"]}\n`);
  const stop = new AbortController();
  const reporter: Reporter = {
    ...recordingReporter(),
    record: (_stream, record) => {
      if (record.event === "phase_start" && record.phase_code === "step.script") stop.abort();
    },
  };
  const [stopped, finished] = await Promise.all([
    runWorkflow({ cacheHome: CACHE, cwd: waiting, signal: stop.signal, reporters: [reporter] }),
    runWorkflow({ cacheHome: CACHE, cwd: other }),
  ]);
  expect([stopped.status, stopped.exitCode, finished.status]).toEqual(["cancelled", 143, "success"]);
  expect([isValid(stopped.runDirectory), isValid(finished.runDirectory)]).toEqual([true, true]);
});

test("runWorkflow() does not start jobs when it is stopped before", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["touch ran"]}\n`);
  const run = await runWorkflow({ cacheHome: CACHE, cwd: root, signal: AbortSignal.abort() });
  expect(run.status).toBe("cancelled");
  expect(existsSync(join(root, "ran"))).toBe(false);
  expect(isValid(run.runDirectory)).toBe(true);
});

test.each<[string, RunWorkflowOptions, string]>([
  ["there is no workflow", { workflow: "nowhere.yml" }, "WORKFLOW_NOT_FOUND"],
  ["a job is not in it", { jobs: ["two"] }, "JOB_NOT_FOUND"],
])("runWorkflow() throws when %s, and leaves nothing", async (_, options, code) => {
  const root = project(`${HEAD}one: {stage: a, script: ["true"]}\n`);
  await expect(runWorkflow({ cacheHome: CACHE, cwd: root, ...options })).rejects.toMatchObject({
    name: "WorkflowError",
    code,
  });
  await expect(runWorkflow({ cacheHome: CACHE, cwd: root, ...options })).rejects.toBeInstanceOf(
    WorkflowError,
  );
  expect(existsSync(join(root, ".loom/.runtime"))).toBe(false);
});

test.each([0, 1.5, Number.NaN])(
  "runWorkflow() refuses to run %d jobs at a time, and leaves nothing",
  async (concurrency) => {
    const root = project(`${HEAD}one: {stage: a, script: ["true"]}\n`);
    await expect(runWorkflow({ cacheHome: CACHE, cwd: root, concurrency })).rejects.toThrow(
      `Cannot start a run: concurrency is ${concurrency}, not a whole number of 1 or more`,
    );
    expect(existsSync(join(root, ".loom/.runtime"))).toBe(false);
  },
);

test("runWorkflow() refuses Bun, where output is lost", async () => {
  const { versions } = process;
  Object.defineProperty(process, "versions", { value: { ...versions, bun: "1.4.5" }, configurable: true });
  onTestFinished(() => void Object.defineProperty(process, "versions", { value: versions }));
  await expect(runWorkflow()).rejects.toThrow("Loom needs Node 22.18 or newer, and this is Bun 1.4.5");
});

test("runWorkflow() touches nothing of the process that it runs in", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["echo hello; exit 1"]}\n`);
  const script = `
    import { runWorkflow } from ${JSON.stringify(import.meta.resolve("./index.ts"))};
    const names = () => JSON.stringify(process.eventNames().map(String).sort());
    const before = names();
    const run = await runWorkflow({ cwd: process.argv[1], cacheHome: process.argv[2] });
    if (names() !== before || process.exitCode !== undefined) console.log("touched");
    console.log(run.status);
  `;
  const flags = ["--conditions=@loom/source", "--input-type=module", "-e", script, root, CACHE];
  const output = execFileSync(process.execPath, flags, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(output).toBe("failure\n");
});

test("runWorkflow() has jobs work in a snapshot, which it names and leaves; the folder stays as it was", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["cat file > copy; pwd > where; rm file"]}\n`);
  writeFileSync(join(root, "file"), "contents");
  const cacheHome = realpathSync(mkdtempSync(join(tmpdir(), "loom-runner-cache-")));
  onTestFinished(() => rmSync(cacheHome, { recursive: true }));
  const run = await runWorkflow({ cwd: root, cacheHome });
  const { snapshotPath = "" } = run;
  expect(readFileSync(join(snapshotPath, "copy"), "utf8")).toBe("contents");
  expect(readFileSync(join(snapshotPath, "where"), "utf8")).toBe(`${snapshotPath}\n`);
  expect(snapshotPath.startsWith(join(cacheHome, "loom/workspaces/"))).toBe(true);
  expect(readdirSync(root).toSorted()).toEqual([".loom", "file"]);
  expect(JSON.parse(readFileSync(run.receiptPath ?? "", "utf8"))).toMatchObject({
    snapshot_path: snapshotPath,
  });
});

test("runWorkflow() keeps the last three snapshots of a project", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["true"]}\n`);
  const cacheHome = realpathSync(mkdtempSync(join(tmpdir(), "loom-runner-cache-")));
  onTestFinished(() => rmSync(cacheHome, { recursive: true }));
  const paths: (string | undefined)[] = [];
  for (let run = 1; run <= 5; run += 1)
    paths.push((await runWorkflow({ cwd: root, cacheHome })).snapshotPath);
  expect(paths.map((path) => existsSync(path ?? ""))).toEqual([false, false, true, true, true]);
});

test("runWorkflow() closes a run whose snapshot cannot be made", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["true"]}\n`);
  const run = await runWorkflow({ cwd: root, cacheHome: join(root, "inside") });
  expect(run).toMatchObject({ status: "failure", error: { code: "WORKSPACE_CACHE_INSIDE_SOURCE" } });
  expect(isValid(run.runDirectory)).toBe(true);
});

test("runWorkflow() takes reporters by name and by module, and refuses one that there is none of", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["true"]}\n`);
  writeFileSync(
    join(root, "mine.mjs"),
    `import { appendFileSync } from "node:fs";
export const createReporter = ({ heading }) => ({
  record: () => {}, lines: () => {}, flush: () => {},
  finish: ({ outcome }) => appendFileSync(${JSON.stringify(join(root, "said"))}, outcome.status + " " + heading.workflowPath),
});`,
  );
  const run = await runWorkflow({ cacheHome: CACHE, cwd: root, reporters: ["./mine.mjs"] });
  expect(run.status).toBe("success");
  expect(readFileSync(join(root, "said"), "utf8")).toBe("success .loom/workflow.yml");
  const before = readdirSync(join(root, ".loom/.runtime/logs"));
  const none = runWorkflow({ cacheHome: CACHE, cwd: root, reporters: ["none-of-them"] });
  await expect(none).rejects.toMatchObject({ code: "REPORTER_NOT_FOUND" });
  expect(readdirSync(join(root, ".loom/.runtime/logs"))).toEqual(before);
});

test("runWorkflow() opens its providers for the run, closes them after it, and has them end what a dead run left", async () => {
  const root = project(`${HEAD}one: {stage: a, script: ["print stdout hello"]}\n`);
  const memory = createMemoryProvider({ folders: [root] });
  const said: string[] = [];
  let dead: DeadRun | undefined;
  const host: Provider = {
    name: "memory",
    open: (run) => {
      said.push(`open ${run.runId} ${basename(run.notesPath ?? "")}`);
      const opened = memory.open(run);
      const close: typeof opened.close = async (log) => {
        said.push("close");
        log.log("warn", "A container is still there");
        return await opened.close(log);
      };
      return { ...opened, close };
    },
    endLeftovers: async (run, log) => {
      dead = run;
      return await memory.endLeftovers(run, log);
    },
  };
  const options = { cacheHome: CACHE, cwd: root, workspace: "in-place", providers: { host } } as const;
  const warnings: string[] = [];
  const run = await runWorkflow({
    ...options,
    onWarning: ({ code, message }) => warnings.push(`${code}: ${message}`),
  });
  const { runId } = run;
  expect(run).toMatchObject({ status: "success", verdict: "valid" });
  expect(said.slice(0, 2)).toEqual([`open ${runId} ${runId}.host.notes`, "close"]);
  expect(warnings).toEqual(["processes_left: A container is still there"]);
  expect(dead).toBeUndefined();
  claimForDeadProcess(root, run.runDirectory);
  await runWorkflow(options);
  expect(dead).toMatchObject({ runId, notesPath: join(root, `.loom/.runtime/active/${runId}.host.notes`) });
});

/** Makes a run look as if the program that ran it had been killed. */
function claimForDeadProcess(root: string, runDirectory: string): void {
  const script = 'import("@loom/artifacts").then(({ claimRun }) => claimRun(process.argv[1]))';
  execFileSync(process.execPath, ["--conditions=@loom/source", "-e", script, runDirectory], {
    cwd: import.meta.dirname,
  });
  expect(readdirSync(join(root, ".loom/.runtime/active"))).toEqual([`${basename(runDirectory)}.json`]);
}
