import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRunRecorder, openRun } from "@loom/artifacts";
import { runIdentity } from "@loom/core";
import { readTimeline } from "@loom/diagnosis";
import { playFailure, ScriptedRun } from "@loom/testkit";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { replayRecords } from "./replay-records.ts";

const IDENTITY = runIdentity(1_772_865_600_000_000_000n);

/** What can happen to the lines of a stream. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ kind: fc.constant("lose" as const), line: fc.nat(60) }),
  fc.record({ kind: fc.constant("repeat" as const), line: fc.nat(60) }),
  fc.record({
    kind: fc.constant("swap" as const),
    from: fc.constantFrom(
      '"lint"',
      '"unit"',
      '"failed"',
      '"running"',
      '"to":',
      '"step":',
      '"seq":',
      '"job_state"',
      '"phase_start"',
      '"attempt":1',
      "[",
      "}",
      '"graph_ir":',
    ),
    to: fc.constantFrom("null", "-1", '"x"', '"lint"', '"phase_finish"', '"step":2', "{}", "[["),
  }),
);

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function apply(path: string, harm: Damage): void {
  const text = readFileSync(path, "utf8");
  const lines = text.split("\n");
  switch (harm.kind) {
    case "cut":
      return writeFileSync(path, text.slice(0, Math.floor(text.length * harm.at)));
    case "lose":
      return writeFileSync(path, lines.filter((_, index) => index !== harm.line).join("\n"));
    case "repeat":
      return writeFileSync(
        path,
        lines.flatMap((line, index) => (index === harm.line ? [line, line] : [line])).join("\n"),
      );
    case "swap":
      return writeFileSync(path, text.replaceAll(harm.from, harm.to));
  }
}

/** A folder that holds a failed run, with all of its evidence. */
function recordedRun(): string {
  const folder = mkdtempSync(join(tmpdir(), "loom-damaged-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
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

test("a step belongs to the job in whose directory its records lie, whatever they say", async () => {
  const whole = recordedRun();
  const directory = join(whole, IDENTITY.runId);
  apply(join(directory, "jobs/lint/user/execution/events.jsonl"), {
    kind: "swap",
    from: '"lint"',
    to: '"x"',
  });
  const screen = await replayRecords(directory);
  const jobs = screen.ok ? screen.value.model.view().jobs.map(({ jobId }) => jobId) : [];
  expect(jobs).toContain("lint");
  expect(jobs).not.toContain("x");
});

test("the screen and the analysis of a damaged run name the same jobs in the same states", async () => {
  const whole = recordedRun();
  const streams = readdirSync(whole, { recursive: true, encoding: "utf8" }).filter((path) =>
    /(?:^|\/)(?:pipeline\/)?events\.jsonl$/u.test(path),
  );
  let known = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...streams), damage), { maxLength: 4 }),
      async (all) => {
        const copy = mkdtempSync(join(tmpdir(), "loom-damaged-"));
        cpSync(whole, copy, { recursive: true });
        for (const [path, harm] of all) apply(join(copy, path), harm);
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
