import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject, snapshots } from "../project.ts";

const HEAD = "version: v1\nstages: [a]\n";

/** What fails if another job is in it, too. */
const ALONE = "mkdir in-use && sleep 0.4 && rmdir in-use";

/** The notes about who has which resource. */
function notes(root: string): readonly string[] {
  const folder = join(root, ".loom/.runtime/resources");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** What jobs of a run say about waiting, the earliest run being number 0. */
function waits(root: string, run: number): readonly string[] {
  const logs = join(root, ".loom/.runtime/logs");
  const name = readdirSync(logs).toSorted()[run];
  if (name === undefined) return [];
  const streams = readdirSync(join(logs, name), { recursive: true, encoding: "utf8" }).filter((path) =>
    /^jobs\/.*events\.jsonl$/u.test(path),
  );
  return streams
    .flatMap((path) => readFileSync(join(logs, name, path), "utf8").split("\n"))
    .filter((line) => line.includes("The job waits for"))
    .map((line) => (JSON.parse(line) as { readonly message: string }).message);
}

test("jobs of one resource run one at a time, in one run and in two at once", async () => {
  const project = makeProject({
    workflow: `${HEAD}default: {resource: database}
one: {stage: a, script: ["${ALONE}"]}
two: {stage: a, script: ["${ALONE}"]}
`,
  });
  const runs = [project.start(["run", "--stream"]), project.start(["run", "--stream"])];
  const ended = await Promise.all(runs.map(async (run) => await run.ended));
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const told = runs.flatMap((_run, index) => waits(project.root, index));
  expect(told.join("\n")).toMatch(
    /The job waits for the resource "database", which job "(?:one|two)" of run \S+ \(process \d+\) has/u,
  );
  expect(notes(project.root)).toEqual([]);
});

test("what a killed loom had is free for the next one", async () => {
  const project = makeProject({
    workflow: `${HEAD}j: {stage: a, resource: port, script: ['echo ready; test -n "$QUICK" || sleep 1000']}\n`,
  });
  const { env } = snapshots();
  const killed = project.start(["run", "--stream"], env);
  await killed.said("ready");
  const [note = ""] = notes(project.root);
  expect(
    JSON.parse(readFileSync(join(project.root, ".loom/.runtime/resources", note), "utf8")),
  ).toMatchObject({
    pid: killed.process.pid,
    job_id: "j",
  });
  killed.process.kill("SIGKILL");
  await killed.ended;
  expect(notes(project.root)).toEqual(["port.json"]);
  const { exitCode } = project.loom(["run", "--stream", "--var", "QUICK=1"], env);
  expect(exitCode).toBe(0);
  expect(notes(project.root)).toEqual([]);
});

test("the wait for a resource ends with the limit of the job and with a cancel", async () => {
  const project = makeProject({
    workflow: `${HEAD}
holds: {stage: a, resource: port, script: [echo ready; sleep 1000], rules: [{if: $HOLD}]}
limited: {stage: a, resource: port, timeout: 500ms, script: [echo never], rules: [{if: $LIMIT}]}
waits: {stage: a, resource: port, script: [echo never], rules: [{if: $WAIT}]}
`,
  });
  const holder = project.start(["run", "--stream", "--var", "HOLD=1"]);
  await holder.said("ready");
  const limited = project.loom(["run", "--stream", "--var", "LIMIT=1"]);
  expect(limited.exitCode).toBe(1);
  expect(limited.stdout).toContain("The job ran longer than its limit of 0.5 s");
  expect(limited.stdout).not.toMatch(/│ never\n/u);
  expect(project.verdict()).toBe("valid");
  const waiting = project.start(["run", "--stream", "--var", "WAIT=1"]);
  await expect.poll(() => waits(project.root, 2), { timeout: 20_000 }).toHaveLength(1);
  waiting.process.kill("SIGTERM");
  expect((await waiting.ended).exitCode).toBe(143);
  expect(notes(project.root)).toEqual(["port.json"]);
  holder.process.kill("SIGTERM");
  await holder.ended;
  expect(notes(project.root)).toEqual([]);
});
