import { openRun, type RunReader } from "@loom/artifacts";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { playOnDisk, type DiskPlay } from "../../test/play-on-disk.ts";
import { diffRuns, type RunDiff } from "./diff-runs.ts";

const SHA = "0123456789abcdef0123456789abcdef01234567";

async function diffOf(before: Partial<DiskPlay>, after: Partial<DiskPlay>): Promise<RunDiff> {
  const root = temporaryDirectory();
  const play = async (more: Partial<DiskPlay>, ns: bigint): Promise<RunReader> => {
    const graph = graphOf([{ id: "unit" }, { id: "lint" }]);
    const { directory } = playOnDisk(root, { graph, headSha: SHA, dirtyFiles: [], ns, ...more });
    const run = await openRun(directory);
    if (!run.ok) throw new Error(run.error.message);
    return run.value;
  };
  const diff = await diffRuns(await play(before, 1n), await play(after, 2n));
  if (!diff.ok) throw new Error(diff.error.message);
  return diff.value;
}

test("diffRuns() finds nothing between two runs that came out alike", async () => {
  expect(await diffOf({}, {})).toMatchObject({ commits: { status: "same" }, jobs: [], same: 2 });
});

test("diffRuns() names the jobs that came out otherwise, and leaves the others out", async () => {
  const { before, after, jobs, same } = await diffOf(
    {},
    { step: (job) => (job === "unit" ? { end: { kind: "exited", exitCode: 3 } } : undefined) },
  );
  expect([before.status, after.status, same]).toEqual(["success", "failure", 1]);
  expect(jobs).toMatchObject([
    { jobId: "unit", before: { status: "success" }, after: { status: "failed", exitCode: 3 }, fields: [] },
  ]);
});

test("diffRuns() names what changed in a job's definition, and jobs that only one run has", async () => {
  const graph = graphOf([
    { id: "unit", script: ["other"], variables: [{ key: "A", value: "b" }] },
    { id: "docs" },
  ]);
  const { jobs } = await diffOf({}, { graph });
  expect(jobs.map(({ jobId }) => jobId)).toEqual(["unit", "docs", "lint"]);
  expect(jobs[0]).toMatchObject({ fields: ["script", "variables"], variables: ["A"] });
  expect(jobs[1]).toMatchObject({ before: { status: "absent" }, after: { status: "success" } });
  expect(jobs[2]).toMatchObject({ before: { status: "success" }, after: { status: "absent" } });
});

test.each([
  [1000, 1150, undefined],
  [1000, 1600, 600],
  [1600, 1000, -600],
  [10_000, 11_000, undefined],
  [10_000, 13_000, 3000],
])("diffRuns() takes %i ms against %i ms for a difference of %s", async (old, now, slowerMs) => {
  const takes = (ms: number): Partial<DiskPlay> => ({ step: (job) => (job === "unit" ? { ms } : undefined) });
  const { jobs } = await diffOf(takes(old), takes(now));
  expect(jobs.map((job) => job.slowerMs)).toEqual(slowerMs === undefined ? [] : [slowerMs]);
});
