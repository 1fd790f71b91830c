import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { epochMs, jobId, runIdentity } from "@loom/core";
import { graphOf, PlayedRun, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { beginAttempt, endJob, scriptRun, startJob } from "../../test/script-run.ts";
import { WatchedDisk } from "../../test/watched-disk.ts";
import { watchedRecorder, within } from "../../test/watched-recorder.ts";
import { createRunRecorder } from "./run-recorder.ts";

const TOP = ["events.jsonl", "pipeline/events.jsonl"];
const JOB = "jobs/a/events.jsonl";
const MIRROR = "jobs/a/user/execution/events.jsonl";
const STEP = "jobs/a/user/execution/script/01/events.jsonl";

test("a recorder holds the handles of what is going on, and of nothing that is over", () => {
  const { run, recorder, disk, directory } = watchedRecorder();
  const held = (): string[] => within(directory, disk.openFiles).toSorted();
  run.begins(graphOf([{ id: "a", script: ["one"] }]));
  expect(held()).toEqual(TOP);
  startJob(run, "a");
  expect(held(), "the section is over").toEqual([...TOP, JOB].toSorted());
  run.executionStarts("a");
  run.stepStarts("a", 1);
  expect(held()).toEqual([...TOP, JOB, MIRROR, STEP].toSorted());
  run.prints("a", 1, ["out"]);
  recorder.flush();
  expect(held()).toEqual([...TOP, JOB, MIRROR, STEP].toSorted());
  run.stepEnds("a", 1);
  expect(held(), "the step is over").toEqual([...TOP, JOB, MIRROR].toSorted());
  run.executionEnds("a", { status: "success" });
  expect(held(), "the execution is over").toEqual([...TOP, JOB].toSorted());
  endJob(run, "a", "success");
  expect(held(), "the job is over").toEqual(TOP);
  run.ends("success");
  recorder.close();
  expect(held()).toEqual([]);
});

test("a recorder that is closed in the middle of a job hands on what it has, and holds no handle", () => {
  const { run, recorder, disk, clock, directory } = watchedRecorder({ flushes: false });
  run.phaseStarts({ kind: "run" }, "run.bootstrap");
  startJob(run, "a");
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.prints("a", 1, ["out"]);
  recorder.close();
  expect(readFileSync(join(directory, STEP), "utf8")).toContain('"text":"out"');
  expect([disk.openFiles, clock.pending]).toEqual([[], 0]);
});

test("a step's stream is over before the document that sums it up is written, also where nobody flushes", () => {
  const { run, disk, directory } = watchedRecorder({ flushes: false });
  startJob(run, "a");
  run.executionStarts("a");
  run.stepStarts("a", 1);
  const before = disk.calls.length;
  run.stepEnds("a", 1);
  const calls = disk.calls.slice(before).map(({ kind, path }) => `${kind} ${within(directory, [path])[0]}`);
  const summary = calls.findIndex((call) => call.startsWith("writeFile "));
  expect(calls.slice(0, summary)).toEqual(expect.arrayContaining([`write ${STEP}`, `write ${MIRROR}`]));
  expect(calls.slice(summary + 1)).toEqual([`rename ${STEP.replace("events.jsonl", "summary.json")}`]);
});

test("all of a job's evidence is on disk before the documents that point at it, also where nobody flushes", () => {
  const { run, disk, directory } = watchedRecorder({ flushes: false });
  startJob(run, "a");
  run.executionStarts("a");
  run.cleansUp("a");
  const before = disk.calls.length;
  run.jobMoves("a", "running", "cancelled");
  const calls = disk.calls.slice(before).map(({ kind, path }) => `${kind} ${within(directory, [path])[0]}`);
  const summary = calls.findIndex((call) => call.startsWith("writeFile "));
  expect(calls.slice(0, summary)).toEqual(
    expect.arrayContaining([
      `write ${JOB}`,
      "write pipeline/events.jsonl",
      `close ${JOB}`,
      `close ${MIRROR}`,
    ]),
  );
  expect(calls.slice(summary).filter((call) => call.startsWith("write "))).toEqual([]);
});

test("the mirror of an execution holds its envelope and the boundaries of its steps, and nothing else", () => {
  const { run, recorder, directory } = watchedRecorder();
  startJob(run, "a");
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.prints("a", 1, ["out"]);
  run.stepEnds("a", 1);
  run.executionEnds("a", { status: "success" });
  endJob(run, "a", "success");
  recorder.close();
  const mirrored = readFileSync(join(directory, MIRROR), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; phase_code: string })
    .map((record) => `${record.event} ${record.phase_code}`);
  expect(mirrored).toEqual([
    "phase_start job.execution",
    "phase_start step.script",
    "phase_finish step.script",
    "phase_finish job.execution",
  ]);
});

test("the mirror of an execution does not hold a note, where one got into a step", () => {
  const { recorder, identity, directory } = watchedRecorder();
  const run = new PlayedRun(recorder).goesBy(identity);
  run.stepStarts("a", 1);
  run.logs({ kind: "step", jobId: jobId("a"), step: 1 }, "info", "A note");
  run.stepEnds("a", 1);
  recorder.close();
  expect(readFileSync(join(directory, STEP), "utf8")).toContain("A note");
  expect(readFileSync(join(directory, MIRROR), "utf8")).not.toContain("A note");
});

test("a recorder makes each directory once, and has the system move one to where none is", () => {
  const { run, recorder, disk, directory } = watchedRecorder();
  const script = "jobs/a/user/execution/script";
  const moved = "jobs/a/user/execution/attempts/1/script";
  run.begins(graphOf([{ id: "a", script: ["one"] }]));
  startJob(run, "a");
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.stepEnds("a", 1, { exitCode: 1 });
  run.executionEnds("a", { exitCode: 1 });
  beginAttempt(run, "a", 2);
  const calls = disk.calls.map(({ kind, path }) => `${kind} ${within(directory, [path])[0]}`);
  const move = calls.indexOf(`rename ${moved}`);
  expect(calls.slice(0, move)).not.toContain(`mkdir ${moved}`);
  // The record that says why is there first.
  expect(
    calls
      .slice(0, move)
      .filter((call) => call.startsWith("write "))
      .at(-1),
  ).toBe(`write ${JOB}`);
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.stepEnds("a", 1);
  run.executionEnds("a", { status: "success" });
  endJob(run, "a", "success");
  run.ends("success", () => {
    const written = recorder.finalDocuments({
      outcome: { status: "success", exitCode: 0, failedJobIds: [] },
      finishedAtMs: epochMs(run.nowMs),
      phaseReport: { status: "valid", document: {} },
    });
    expect(written.ok).toBe(true);
  });
  recorder.close();
  expect(JSON.parse(readFileSync(join(directory, "summary.json"), "utf8"))).toMatchObject({
    status: "success",
  });
  expect(within(directory, disk.pathsOf("mkdir")).toSorted()).toEqual(
    [
      "",
      "jobs",
      "jobs/a",
      "jobs/a/system",
      "jobs/a/system/cleanup",
      "jobs/a/system/provider",
      "jobs/a/user",
      "jobs/a/user/execution",
      "jobs/a/user/execution/attempts",
      "jobs/a/user/execution/attempts/1",
      moved,
      `${moved}/01`,
      // The first was moved away.
      script,
      script,
      `${script}/01`,
      `${script}/01`,
      "pipeline",
    ].toSorted(),
  );
});

test("records of one stream wait until a moment has passed, and are then written together", () => {
  const { run, disk, clock, directory } = watchedRecorder({ flushes: false });
  const written = (): string[] => within(directory, disk.pathsOf("write"));
  run.phaseStarts({ kind: "run" }, "run.bootstrap");
  run.logs({ kind: "run" }, "info", "A note");
  run.logs({ kind: "run" }, "info", "Another");
  expect([written(), clock.pending]).toEqual([[], 1]);
  clock.advance(50);
  expect([written(), clock.pending]).toEqual([["events.jsonl"], 0]);
  run.logs({ kind: "run" }, "info", "A third");
  run.logs({ kind: "run" }, "info", "A fourth");
  expect([written(), clock.pending]).toEqual([["events.jsonl"], 1]);
  clock.advance(50);
  expect(written()).toEqual(["events.jsonl", "events.jsonl"]);
  expect(readFileSync(join(directory, "events.jsonl"), "utf8").split("\n").length - 1).toBe(5);
});

test("a stream that others have followed is written with them before it goes on", () => {
  const { run, disk, clock, directory } = watchedRecorder({ flushes: false });
  const written = (): string[] => within(directory, disk.pathsOf("write"));
  const top = { kind: "run" } as const;
  run.logs(top, "info", "1");
  run.jobMoves("a", "pending", "ready");
  run.jobMoves("b", "pending", "ready");
  expect(written()).toEqual([]);
  run.logs(top, "info", "4");
  expect(written()).toEqual(["events.jsonl", "pipeline/events.jsonl"]);
  run.logs(top, "info", "5");
  run.jobMoves("c", "pending", "ready");
  expect(written().length).toBe(2);
  clock.advance(50);
  expect(written()).toEqual([
    "events.jsonl",
    "pipeline/events.jsonl",
    "events.jsonl",
    "pipeline/events.jsonl",
  ]);
  // Nothing of before is left to be written first.
  run.logs(top, "info", "7");
  run.logs(top, "info", "8");
  expect(written().length).toBe(4);
});

test("a stream that only got output since others followed it is written with them, too, before it goes on", () => {
  const { run, recorder, disk, directory } = watchedRecorder({ flushes: false });
  run.executionStarts("a");
  run.executionStarts("b");
  recorder.flush();
  run.stepStarts("a", 1);
  run.stepStarts("b", 1);
  disk.calls.length = 0;
  run.prints("a", 1, ["out"]);
  run.stepEnds("a", 1);
  expect(within(directory, disk.pathsOf("write"))).toEqual([
    STEP,
    MIRROR,
    STEP.replace("jobs/a", "jobs/b"),
    MIRROR.replace("jobs/a", "jobs/b"),
    STEP,
    MIRROR,
  ]);
});

test.each([
  { bytes: 128 * 1024 - 1, writes: 0 },
  { bytes: 128 * 1024, writes: 1 },
])("output of $bytes bytes that waits is written $writes times at once", ({ bytes, writes }) => {
  const { run, recorder, disk, output } = watchedRecorder({ flushes: false });
  run.executionStarts("a");
  run.stepStarts("a", 1);
  recorder.flush();
  disk.calls.length = 0;
  run.prints("a", 1, [""]);
  const line = output[0]?.bytes ?? 0;
  run.prints("a", 1, ["x".repeat(bytes - 2 * line)]);
  expect(output.reduce((sum, { bytes: more }) => sum + more, 0)).toBe(bytes);
  expect(disk.pathsOf("write").length).toBe(writes);
});

test("a recorder that is closed writes nothing later, even if it had something left", async () => {
  const disk = new WatchedDisk();
  const recorder = createRunRecorder({
    runDirectory: temporaryDirectory(),
    identity: runIdentity(1n),
    disk,
    onFault: () => undefined,
  });
  disk.refuse("ENOSPC", ({ kind }) => kind === "write");
  scriptRun(runIdentity(1n), recorder).phaseStarts({ kind: "run" }, "run.bootstrap");
  recorder.close();
  disk.allowAll();
  const before = disk.calls.length;
  await setTimeout(100);
  expect(disk.calls.length).toBe(before);
});

test("no process waits for a recorder that has something to write", () => {
  const recorder = createRunRecorder({
    runDirectory: temporaryDirectory(),
    identity: runIdentity(1n),
    onFault: () => undefined,
  });
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
  const before = timers();
  scriptRun(runIdentity(1n), recorder).phaseStarts({ kind: "run" }, "run.bootstrap");
  expect(timers()).toBe(before);
  recorder.close();
});
