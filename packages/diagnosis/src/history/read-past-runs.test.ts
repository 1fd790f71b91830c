import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { claimRun } from "@loom/artifacts";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { playOnDisk } from "../../test/play-on-disk.ts";
import { readPastRuns, type PastRun } from "./read-past-runs.ts";

const GRAPH = graphOf([
  { id: "late", stage: "a" },
  { id: "soon", stage: "a" },
  { id: "may", stage: "a", allow_failure: true },
  { id: "after", stage: "b" },
]);

/** Fails in two jobs, of which the second in the graph ends first. */
function playFailing(root: string, ns: bigint): ReturnType<typeof playOnDisk> {
  return playOnDisk(root, {
    graph: GRAPH,
    ns,
    concurrency: 3,
    step: (job) => ({ ms: job === "late" ? 500 : 100, end: { kind: "exited", exitCode: 3 } }),
  });
}

async function read(root: string): Promise<readonly PastRun[]> {
  const runs = await readPastRuns(root);
  if (!runs.ok) throw new Error(runs.error.message);
  return runs.value;
}

test("readPastRuns() tells of each run what its documents say, the newest first", async () => {
  const root = temporaryDirectory();
  playOnDisk(root, { graph: GRAPH, ns: 1n, step: () => ({ ms: 250 }) });
  const { directory, receiptPath } = playFailing(root, 2n);
  const [failed, succeeded] = await read(root);
  expect(failed).toEqual({
    runId: "loom-run-local-2",
    startedAtMs: Date.UTC(2026, 0, 1),
    status: "failure",
    durationMs: expect.any(Number) as number,
    exitCode: 1,
    workflow: ".loom/workflow.yml",
    jobs: 3,
    failedJobs: ["soon", "late"],
    error: expect.objectContaining({ code: "exit_code", job_id: "soon" }) as unknown,
    directory,
    receiptPath,
    jobDurations: new Map(),
  });
  expect(succeeded).toMatchObject({ status: "success", jobs: 4, failedJobs: [] });
  expect([...(succeeded?.jobDurations.keys() ?? [])]).toEqual(["late", "soon", "may", "after"]);
});

test("readPastRuns() makes do with what is left of a run", async () => {
  const root = temporaryDirectory();
  const { directory, receiptPath } = playFailing(root, 3n);
  rmSync(directory, { recursive: true });
  expect((await read(root))[0]).toMatchObject({
    status: "failure",
    failedJobs: ["late", "soon"],
    error: { message: expect.any(String) as string },
  });
  expect((await read(root))[0]?.directory).toBeUndefined();
  writeFileSync(receiptPath, "{");
  expect((await read(root))[0]).toMatchObject({ status: "interrupted", workflow: "", jobs: 0 });
  const again = playFailing(root, 4n);
  rmSync(again.receiptPath);
  expect((await read(root))[0]).toMatchObject({ status: "failure", failedJobs: ["soon", "late"] });
});

test("readPastRuns() tells a run that goes on from one that nobody carries out any more", async () => {
  const root = temporaryDirectory();
  const { directory } = playOnDisk(root, { graph: GRAPH, ns: 5n, step: () => ({ ms: 500 }), dieAtMs: 50 });
  expect((await read(root))[0]?.status).toBe("interrupted");
  claimRun(directory);
  expect((await read(root))[0]?.status).toBe("running");
});

test("readPastRuns() tells what it knows as it goes, and takes a limit", async () => {
  const root = temporaryDirectory();
  for (let ns = 1n; ns <= 45n; ns += 1n) playOnDisk(root, { graph: graphOf([{ id: "a" }]), ns });
  const seen: number[] = [];
  const runs = await readPastRuns(root, { limit: 42, onSome: (some) => seen.push(some.length) });
  expect([runs.ok && runs.value[0]?.runId, ...seen]).toEqual(["loom-run-local-45", 20, 40, 42]);
  expect(await readPastRuns(join(root, "nowhere"))).toEqual({ ok: true, value: [] });
});
