import { cpSync, existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openRun, type RunReader } from "@loom/artifacts";
import { isTerminal, type JobId, type JobStatus } from "@loom/core";
import {
  explainRun,
  loadExplanationSchema,
  readPastRuns,
  readTimeline,
  type PastRun,
  type Explanation,
} from "@loom/diagnosis";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { closeDeadRun } from "@loom/runner/dead-runs";
import { arbitraryDamage, damageFile, temporaryDirectory, type Damage } from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

/** Fails in two jobs, one of them allowed to, with a retry, a job that is blocked and one that runs on. */
const WORKFLOW = `version: v1
stages: [check, ship, after]
lint: {stage: check, script: ["echo 'a.c:1:2: error: no'; exit 3"], retry: 1}
unit: {stage: check, script: [echo one, echo two]}
style: {stage: check, script: [exit 1], allow_failure: true}
pack: {stage: ship, script: [echo packed]}
tell: {stage: after, script: [echo told], when: always}
`;
const JOBS = ["lint", "unit", "style", "pack", "tell"];

/** What is written when a run ends: without them it was cut off. */
const FINAL = ["summary.json", "phase-report.json", "pipeline/summary.json", "pipeline/manifest.json"];

interface States {
  readonly jobs: ReadonlyMap<JobId, JobStatus>;
  is(status: JobStatus): readonly JobId[];
}

async function statesOf(run: RunReader): Promise<States | undefined> {
  const timeline = await readTimeline(run);
  if (!timeline.ok) return undefined;
  const jobs = new Map(timeline.value.jobs.map(({ jobId, status }) => [jobId, status]));
  return {
    jobs,
    is: (wanted) => [...jobs].flatMap(([id, status]) => (status === wanted ? [id] : [])).toSorted(),
  };
}

async function reopened(directory: string): Promise<RunReader | undefined> {
  const run = await openRun(directory);
  return run.ok ? run.value : undefined;
}

async function explanationOf(run: RunReader): Promise<Explanation | undefined> {
  const schema = await loadExplanationSchema();
  const explained = await explainRun(run, { isAlive: false });
  // What `loom explain --json` prints.
  return explained.ok ? schema.parse(JSON.parse(JSON.stringify(explained.value))) : undefined;
}

test("whatever happened to its streams, a run that was cut off has one reading, before and after it is closed", async () => {
  const project = makeProject({ workflow: WORKFLOW });
  project.loom(["run", "-q"]);
  const { directory } = project.lastRun();
  for (const name of FINAL) rmSync(join(directory, name));
  const streams = globSync("**/events.jsonl", { cwd: directory });
  expect(streams.length).toBeGreaterThan(10);
  const seen = { read: 0, failed: 0, recovered: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...streams), arbitraryDamage(JOBS)), { maxLength: 3 }),
      async (harm) => read(directory, harm, seen),
    ),
    { numRuns: 60 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
});

async function read(
  from: string,
  harm: readonly (readonly [string, Damage])[],
  seen: { read: number; failed: number; recovered: number },
): Promise<void> {
  const root = temporaryDirectory();
  const directory = join(root, ".loom/.runtime/logs", from.split("/").at(-1) ?? "");
  cpSync(from, directory, { recursive: true });
  for (const [stream, damage] of harm) damageFile(join(directory, stream), damage);
  judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });

  const run = await reopened(directory);
  if (run === undefined) return;
  const before = await statesOf(run);
  const explained = await explanationOf(run);
  const [listed] = await listedRuns(root);
  const isOver = pipelineHadEnded(directory);
  const isClosed = isOver && hasEndOf(directory, "events.jsonl", "run.finalize");
  const reading = listed?.status;
  const isWhole = harm.every(([stream]) => stream !== "events.jsonl" && stream !== "pipeline/events.jsonl");
  // A line may be there and say something that no record says; then nobody takes it.
  expect(isWhole ? ["failure"] : isClosed ? ["failure", "interrupted"] : ["interrupted"]).toContain(reading);
  if (before === undefined || explained === undefined) return;
  seen.read += 1;
  seen.failed += before.is("failed").length;
  const failures = [explained.failure?.job_id, ...explained.other_failures.map(({ job_id: id }) => id)];
  expect(failures.filter((id) => id !== undefined).toSorted()).toEqual(before.is("failed"));
  expect(explained.stopped.toSorted()).toEqual(before.is("running"));
  expect(explained.outcome).toBe(reading);

  const closed = await closeDeadRun({ directory }, { force: true });
  if (!closed.ok) return;
  seen.recovered += 1;
  // A pipeline that had come to its end keeps its result; only what follows is missing.
  const status = closed.value.kind === "recovered" && !isOver ? "interrupted" : "failure";
  await readClosed(root, directory, { before, status });
}

function pipelineHadEnded(directory: string): boolean {
  return hasEndOf(directory, "pipeline/events.jsonl", "pipeline.execute");
}

/** Whether a stream says so, line by line and not by the reader that is tested. */
function hasEndOf(directory: string, stream: string, phase: string): boolean {
  const path = join(directory, stream);
  if (!existsSync(path)) return false;
  return readFileSync(path, "utf8")
    .split("\n")
    .some(
      (line) => /^\{.*"event":"phase_finish".*\}$/.test(line) && line.includes(`"phase_code":"${phase}"`),
    );
}

/** What had ended stays as it was, and everybody says so. */
async function readClosed(
  root: string,
  directory: string,
  { before, status: ended }: { readonly before: States; readonly status: PastRun["status"] },
): Promise<void> {
  const run = await reopened(directory);
  const after = run && (await statesOf(run));
  if (run === undefined || after === undefined) throw new Error("A run that was closed cannot be read");
  for (const [id, status] of before.jobs)
    if (isTerminal(status)) expect([id, after.jobs.get(id)]).toEqual([id, status]);
  expect([...after.jobs.values()].filter((status) => !isTerminal(status))).toEqual([]);
  const explained = await explanationOf(run);
  expect(explained?.outcome).toBe(ended);
  const [listed] = await listedRuns(root);
  expect({ status: listed?.status, hasReceipt: existsSync(listed?.receiptPath ?? "") }).toEqual({
    status: ended,
    hasReceipt: true,
  });
  const blocking = after.is("failed").filter((id) => id !== "style");
  expect(listed?.failedJobs.filter((id) => id !== "style").toSorted()).toEqual(blocking);
}

async function listedRuns(root: string): Promise<readonly PastRun[]> {
  const runs = await readPastRuns(root);
  if (!runs.ok) throw new Error(runs.error.message);
  return runs.value;
}
