import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRunRecorder, openRun } from "@loom/artifacts";
import { runIdentity } from "@loom/core";
import { readTimeline } from "@loom/diagnosis";
import {
  arbitraryDamage,
  damageFile,
  FAILING_GRAPH,
  playFailure,
  ScriptedRun,
  temporaryDirectory,
} from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { replayRecords } from "./replay-records.ts";

const JOBS = FAILING_GRAPH.nodes.map(({ id }) => id);
const IDENTITY = runIdentity(1_772_865_600_000_000_000n);

/** Records a failed run with all of its evidence. @returns The folder that the run's folder is in. */
function recordedRun(): string {
  const folder = temporaryDirectory();
  const runDirectory = join(folder, IDENTITY.runId);
  mkdirSync(runDirectory);
  const recorder = createRunRecorder({
    runDirectory,
    identity: IDENTITY,
    onFault: ({ message }) => {
      throw new Error(message);
    },
  });
  playFailure(new ScriptedRun(recorder));
  recorder.close();
  return folder;
}

test("a step belongs to the job in whose folder its records are, whatever they say", async () => {
  const whole = recordedRun();
  const directory = join(whole, IDENTITY.runId);
  damageFile(join(directory, "jobs/lint/user/execution/events.jsonl"), {
    kind: "swap",
    from: '"lint"',
    to: '"x"',
  });
  const screen = await replayRecords(directory);
  const jobs = screen.ok ? screen.value.model.view().jobs.map(({ jobId }) => jobId) : [];
  expect(jobs).toContain("lint");
  expect(jobs).not.toContain("x");
});

test("the screen and the analysis of a damaged run report the same jobs in the same states", async () => {
  const whole = recordedRun();
  const streams = readdirSync(whole, { recursive: true, encoding: "utf8" }).filter((path) =>
    /(?:^|\/)(?:pipeline\/)?events\.jsonl$/u.test(path),
  );
  let known = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...streams), arbitraryDamage(JOBS)), { maxLength: 4 }),
      async (all) => {
        const copy = mkdtempSync(join(tmpdir(), "loom-damaged-"));
        cpSync(whole, copy, { recursive: true });
        for (const [path, damage] of all) damageFile(join(copy, path), damage);
        const directory = join(copy, IDENTITY.runId);
        const [screen, run] = [await replayRecords(directory), await openRun(directory)];
        const timeline = run.ok ? await readTimeline(run.value) : run;
        rmSync(copy, { recursive: true });
        if (!screen.ok || !timeline.ok) return;
        const shown = screen.value.model.view().jobs.map(({ jobId, status }) => `${jobId} ${status}`);
        const analysed = timeline.value.jobs.map(({ jobId, status }) => `${jobId} ${status}`);
        known += shown.length;
        expect(shown.toSorted()).toEqual(analysed.toSorted());
      },
    ),
    { numRuns: 150 },
  );
  expect(known).toBeGreaterThan(500);
});
