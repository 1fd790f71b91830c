import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { epochMs, jobId, runIdentity, type EventError, type RunResult, type StreamRef } from "@loom/core";
import type { LifecycleRecord, LineBatch, RecordSink } from "@loom/ports";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { listTree, readTree } from "../../test/read-tree.ts";
import { beginAttempt, endJob, scriptRun, startJob } from "../../test/script-run.ts";
import { WatchedDisk } from "../../test/watched-disk.ts";
import {
  createRunRecorder,
  resumeRunRecorder,
  type PastRecord,
  type RunRecorder,
  type RunRecorderOptions,
} from "./run-recorder.ts";

const IDENTITY = runIdentity(1767225600000000000n);
const SUCCESS: RunResult = { status: "success", exitCode: 0, failedJobIds: [] };

/** Something that is given to a recorder. */
type Given =
  | { readonly kind: "record"; readonly stream: StreamRef; readonly record: LifecycleRecord }
  | { readonly kind: "lines"; readonly stream: StreamRef & { kind: "step" }; readonly batch: LineBatch };

/** A run whose job `a` is tried twice, the second time with one step less, while `b` passes. */
function script(): { readonly given: readonly Given[]; readonly endedAtMs: number } {
  const given: Given[] = [];
  const sink: RecordSink = {
    record: (stream, record) => given.push({ kind: "record", stream, record }),
    lines: (stream, batch) => {
      if (stream.kind === "step") given.push({ kind: "lines", stream, batch });
    },
    flush: () => undefined,
  };
  const run = scriptRun(IDENTITY, sink);
  run.begins(
    graphOf([
      { id: "a", script: ["one", "two"] },
      { id: "b", script: ["one"] },
    ]),
  );
  startJob(run, "a");
  startJob(run, "b");
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.prints("a", 1, ["out of a", "and more"]);
  run.executionStarts("b");
  run.stepStarts("b", 1);
  run.prints("b", 1, ["out of b"]);
  run.stepEnds("a", 1);
  run.stepStarts("a", 2);
  run.stepEnds("a", 2, { exitCode: 1 });
  run.executionEnds("a", { exitCode: 1 });
  beginAttempt(run, "a", 2);
  run.stepEnds("b", 1);
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.prints("a", 1, ["again"]);
  run.executionEnds("b", { status: "success" });
  endJob(run, "b", "success");
  run.stepEnds("a", 1, { exitCode: 1, error: { code: "exit_code", message: "Step 1 exited with code 1" } });
  run.executionEnds("a", { exitCode: 1 });
  endJob(run, "a", "failed", "exit_code");
  run.ends("failed");
  return { given, endedAtMs: run.nowMs };
}

function give(recorder: RunRecorder, items: readonly Given[], endedAtMs: number): void {
  for (const item of items) {
    if (item.kind === "lines") recorder.lines(item.stream, item.batch);
    else {
      // The documents come before the record that says that they are there.
      if (item.record.event === "phase_finish" && item.record.phase_code === "run.finalize")
        recorder.finalDocuments({
          outcome: SUCCESS,
          finishedAtMs: epochMs(endedAtMs),
          phaseReport: { status: "valid", document: { kind: "report" } },
        });
      recorder.record(item.stream, item.record);
    }
  }
}

/** What the streams hold of what was given, as a reader finds it: output counted, and before its step's finish. */
function pastOf(items: readonly Given[]): PastRecord[] {
  const past: PastRecord[] = [];
  const outputs = new Map<string, PastRecord & { kind: "output" }>();
  for (const item of items) {
    if (item.stream.kind === "step") {
      const { jobId: job, step } = item.stream;
      const key = `${job} ${step}`;
      if (item.kind === "lines") {
        const before = outputs.get(key) ?? { kind: "output", jobId: job, step, lines: 0, bytes: 0 };
        outputs.set(key, {
          ...before,
          lines: before.lines + item.batch.ends.length,
          bytes: before.bytes + item.batch.bytes.length + 1,
        });
        continue;
      }
      const told = outputs.get(key);
      if (item.record.event === "phase_finish" && told !== undefined) {
        past.push(told);
        outputs.delete(key);
      }
    }
    if (item.kind === "record") past.push({ kind: "record", stream: item.stream, record: item.record });
  }
  return [...past, ...outputs.values()];
}

interface Place {
  readonly directory: string;
  readonly faults: readonly EventError[];
  readonly options: RunRecorderOptions;
  readonly disk: WatchedDisk;
}

function place(): Place {
  const directory = temporaryDirectory();
  const faults: EventError[] = [];
  const disk = new WatchedDisk();
  const options: RunRecorderOptions = {
    runDirectory: directory,
    identity: IDENTITY,
    disk,
    onFault: (fault) => faults.push(fault),
  };
  return { directory, faults, options, disk };
}

/** A run of which a recorder wrote so much of what was given, and then closed. */
function recorded(items: readonly Given[], endedAtMs = 0): Place {
  const at = place();
  const recorder = createRunRecorder(at.options);
  give(recorder, items, endedAtMs);
  recorder.close();
  expect(at.faults).toEqual([]);
  return at;
}

/** Resumes a run after so much of it, and closes it again. */
function resumed(
  { options, directory }: Place,
  items: readonly Given[],
): {
  readonly tree: Record<string, string>;
  readonly faults: readonly EventError[];
  readonly disk: WatchedDisk;
} {
  const faults: EventError[] = [];
  const disk = new WatchedDisk();
  const recorder = resumeRunRecorder(
    { ...options, disk, onFault: (fault) => faults.push(fault) },
    pastOf(items),
  );
  recorder.close();
  return { tree: readTree(directory), faults, disk };
}

/** Where in a run the first record is that `wanted` is true for, itself included. */
function upTo(
  given: readonly Given[],
  wanted: (record: LifecycleRecord, stream: StreamRef) => boolean,
): Given[] {
  const at = given.findIndex((item) => item.kind === "record" && wanted(item.record, item.stream));
  if (at === -1) throw new Error("There is no such record");
  return given.slice(0, at + 1);
}

const beginsSecondAttempt = (record: LifecycleRecord): boolean =>
  record.event === "phase_start" && record.phase_code === "job.provider_prepare" && record.attempt === 2;

const beginsSecondTry = (record: LifecycleRecord, stream: StreamRef): boolean =>
  record.event === "phase_start" && stream.kind === "step" && record.attempt === 2;

const endsSecondTry = (record: LifecycleRecord, stream: StreamRef): boolean =>
  record.event === "phase_finish" && stream.kind === "step" && record.attempt === 2;

const isDocument = (path: string): boolean => path.startsWith("jobs/") && path.endsWith(".json");

test("a run that is resumed after any of its records ends as one that was never broken off", () => {
  const { given, endedAtMs } = script();
  const whole = readTree(recorded(given, endedAtMs).directory);
  expect(Object.keys(whole).filter(isDocument).length).toBeGreaterThan(10);
  for (let count = 0; count < given.length; count++) {
    const { directory, options, faults } = recorded(given.slice(0, count));
    const recorder = resumeRunRecorder(options, pastOf(given.slice(0, count)));
    give(recorder, given.slice(count), endedAtMs);
    expect(recorder.isClosed, `after ${count}`).toBe(true);
    recorder.close();
    expect(faults).toEqual([]);
    expect(readTree(directory), `after ${count}`).toEqual(whole);
  }
});

test("a resumed run whose documents are as they should be has nothing written or moved", () => {
  const { given } = script();
  for (let count = 0; count < given.length; count++) {
    const past = given.slice(0, count);
    const before = recorded(past);
    const tree = readTree(before.directory);
    const after = resumed(before, past);
    expect([after.disk.calls, after.faults, after.tree], `after ${count}`).toEqual([[], [], tree]);
  }
});

test.each<{ damage: string; to: (path: string) => void }>([
  { damage: "are missing", to: (path) => rmSync(path) },
  { damage: "say something else", to: (path) => writeFileSync(path, "{}\n") },
])("a resumed run gets the documents anew that $damage", ({ to }) => {
  const { given } = script();
  for (let count = 0; count < given.length; count++) {
    const past = given.slice(0, count);
    const before = recorded(past);
    const tree = readTree(before.directory);
    for (const path of Object.keys(tree).filter(isDocument)) to(join(before.directory, path));
    const after = resumed(before, past);
    expect([after.tree, after.faults], `after ${count}`).toEqual([tree, []]);
  }
});

test("a resumed run has a document anew that only it lacks, and leaves the others alone", () => {
  const { given } = script();
  const past = upTo(given, endsSecondTry);
  const before = recorded(past);
  const tree = readTree(before.directory);
  const path = "jobs/b/system/cleanup/summary.json";
  rmSync(join(before.directory, path));
  const after = resumed(before, past);
  expect(after.tree).toEqual(tree);
  expect(after.disk.pathsOf("rename")).toEqual([join(before.directory, path)]);
});

test("a resumed run moves the steps of a replaced attempt, if its recorder had not come to that", () => {
  const { given } = script();
  const past = upTo(given, beginsSecondAttempt);
  const before = recorded(past);
  const tree = readTree(before.directory);
  const execution = join(before.directory, "jobs/a/user/execution");
  renameSync(join(execution, "attempts/1/script"), join(execution, "script"));
  rmSync(join(execution, "attempts"), { recursive: true });
  const after = resumed(before, past);
  expect([after.tree, after.faults]).toEqual([tree, []]);
  expect(Object.keys(after.tree).filter((file) => file.startsWith("jobs/a/user/execution/"))).toEqual([
    "jobs/a/user/execution/attempts/1/script/01/events.jsonl",
    "jobs/a/user/execution/attempts/1/script/01/summary.json",
    "jobs/a/user/execution/attempts/1/script/02/events.jsonl",
    "jobs/a/user/execution/attempts/1/script/02/summary.json",
    "jobs/a/user/execution/events.jsonl",
  ]);
});

test("a resumed run leaves the steps of the attempt that goes on where they are", () => {
  const { given } = script();
  const past = upTo(given, beginsSecondTry);
  const before = recorded(past);
  const tree = readTree(before.directory);
  expect(Object.keys(tree)).toContain("jobs/a/user/execution/script/01/events.jsonl");
  const after = resumed(before, past);
  expect([after.disk.calls, after.tree]).toEqual([[], tree]);
});

test("a resumed run minds no steps that are nowhere", () => {
  const { given } = script();
  const past = upTo(given, beginsSecondAttempt);
  const before = recorded(past);
  rmSync(join(before.directory, "jobs/a/user"), { recursive: true });
  const after = resumed(before, past);
  expect(after.faults).toEqual([]);
  expect(Object.keys(after.tree).filter((path) => path.startsWith("jobs/a/user/"))).toEqual([
    "jobs/a/user/execution/attempts/1/script/01/summary.json",
    "jobs/a/user/execution/attempts/1/script/02/summary.json",
  ]);
});

test("a resumed run counts on from the output that its streams hold", () => {
  const { given, endedAtMs } = script();
  const printed = given.findIndex((item) => item.kind === "lines");
  const before = recorded(given.slice(0, printed + 1));
  const recorder = resumeRunRecorder(before.options, [
    ...pastOf(given.slice(0, printed + 1)).filter(({ kind }) => kind === "record"),
    { kind: "output", jobId: jobId("a"), step: 1, lines: 40, bytes: 1000 },
  ]);
  give(recorder, given.slice(printed + 1), endedAtMs);
  recorder.close();
  const path = join(before.directory, "jobs/a/user/execution/attempts/1/script/01/summary.json");
  expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ output_lines: 40, output_bytes: 1000 });
});

test("a resumed run tells which document it could not write", () => {
  const { given } = script();
  const past = upTo(given, endsSecondTry);
  const before = recorded(past);
  const path = join(before.directory, "jobs/b/summary.json");
  rmSync(path);
  mkdirSync(path);
  expect(resumed(before, past).faults).toEqual([
    { code: "ARTIFACTS_WRITE_FAILED", message: `Cannot write "${path}": it is a folder (EISDIR)` },
  ]);
});

test("resuming a run with nothing in it makes nothing", () => {
  const before = place();
  const after = resumed(before, []);
  expect([after.disk.calls, listTree(before.directory)]).toEqual([[], []]);
});
