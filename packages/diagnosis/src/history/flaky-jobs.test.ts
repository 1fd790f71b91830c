import { temporaryDirectory, graphOf } from "@loom/testkit";
import { expect, test } from "vitest";
import { playOnDisk, type DiskPlay } from "../../test/play-on-disk.ts";
import { readFlakyJobs, type FlakyReport } from "./flaky-jobs.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";
const OTHER = "89abcdef0123456789abcdef0123456789abcdef";

async function reportOf(plays: readonly Partial<DiskPlay>[]): Promise<FlakyReport> {
  const root = temporaryDirectory();
  for (const [index, play] of plays.entries())
    playOnDisk(root, {
      graph: graphOf([{ id: "unit" }, { id: "lint" }]),
      ns: BigInt(index + 1),
      headSha: SHA,
      dirtyFiles: [],
      ...play,
    });
  const report = await readFlakyJobs(root);
  if (!report.ok) throw new Error(report.error.message);
  return report.value;
}

const failing = (name: string): Partial<DiskPlay> => ({
  step: (job) => (job === name ? { end: { kind: "exited", exitCode: 1 } } : undefined),
});

test("readFlakyJobs() finds the jobs that both passed and failed on the same files, the flakiest first", async () => {
  const { jobs, runs, unknownTrees } = await reportOf([
    {},
    failing("unit"),
    failing("unit"),
    failing("lint"),
    {},
    {},
  ]);
  expect([runs, unknownTrees]).toEqual([6, 0]);
  expect(jobs).toEqual([
    { jobId: "unit", passed: 4, failed: 2, rate: 2 / 6, trees: 1, lastFailedIn: "loom-run-local-3" },
    { jobId: "lint", passed: 5, failed: 1, rate: 1 / 6, trees: 1, lastFailedIn: "loom-run-local-4" },
  ]);
});

test("readFlakyJobs() takes a failure on other files for what it is", async () => {
  const { jobs } = await reportOf([{}, { ...failing("unit"), headSha: OTHER }]);
  expect(jobs).toEqual([]);
});

test("readFlakyJobs() counts runs of which the files are not known, and takes nothing from them", async () => {
  const dirty = { dirtyFiles: ["a.txt"] };
  const { jobs, unknownTrees } = await reportOf([dirty, { ...failing("unit"), ...dirty }]);
  expect([jobs, unknownTrees]).toEqual([[], 2]);
});

test("readFlakyJobs() counts no attempt whose worker was lost", async () => {
  const graph = graphOf([{ id: "unit", retry: { max: 1, on: ["failure"] } }, { id: "lint" }]);
  const lost = { kind: "lost", error: { code: "worker_lost", message: "It does not answer" } } as const;
  const failed = { kind: "exited", exitCode: 1 } as const;
  const { jobs } = await reportOf([
    {
      graph,
      step: (job, _step, attempt) => {
        if (job === "lint") return { end: lost };
        return attempt < 3 ? { end: attempt === 1 ? lost : failed } : undefined;
      },
    },
    { graph },
  ]);
  expect(jobs).toMatchObject([{ jobId: "unit", passed: 2, failed: 1 }]);
});

test("readFlakyJobs() counts an attempt that failed before one that passed", async () => {
  const graph = graphOf([{ id: "unit", retry: { max: 2, on: ["failure"] } }]);
  const { jobs } = await reportOf([
    {
      graph,
      step: (_job, _step, attempt) => (attempt < 3 ? { end: { kind: "exited", exitCode: 1 } } : undefined),
    },
  ]);
  expect(jobs).toMatchObject([{ jobId: "unit", passed: 1, failed: 2, rate: 2 / 3 }]);
});
