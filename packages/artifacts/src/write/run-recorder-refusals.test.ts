import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { epochMs, jobId, type EventError, type Result } from "@loom/core";
import { graphOf, type PlayedRun } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { listTree, readTree } from "../../test/read-tree.ts";
import { rulesBrokenIn } from "../../test/rules-broken-in.ts";
import { beginAttempt, endJob, startJob } from "../../test/script-run.ts";
import { watchedRecorder, within, type WatchedRecorder } from "../../test/watched-recorder.ts";
import type { DiskCall, WatchedDisk } from "../../test/watched-disk.ts";
import type { Receipt } from "../documents/receipt.ts";

const NO_SPACE = "no space left on device (ENOSPC)";

const EXECUTION = "jobs/a/user/execution";

function refused(path: string, reason = NO_SPACE): EventError {
  return { code: "ARTIFACTS_WRITE_FAILED", message: `Cannot write "${path}": ${reason}` };
}

function finalDocuments({ run, recorder }: WatchedRecorder): Result<void, EventError> {
  return recorder.finalDocuments({
    outcome: { status: "success", exitCode: 0, failedJobIds: [] },
    finishedAtMs: epochMs(run.nowMs),
    phaseReport: { status: "valid", document: { kind: "report" } },
  });
}

const receiptOf = ({ recorder, identity, directory }: WatchedRecorder): Receipt => ({
  schema_version: "v1",
  kind: "loom-run-local",
  loom_version: "0.0.0",
  command: ["loom", "run"],
  repo_root: "/repo",
  workflow_path: "/repo/.loom/workflow.yml",
  started_at: "2026-03-07T06:40:00.000Z",
  finished_at: "2026-03-07T06:40:03.000Z",
  duration_ms: 3_000,
  status: "success",
  exit_code: 0,
  run_id: identity.runId,
  logs_dir: directory,
  events_jsonl_path: `${directory}/events.jsonl`,
  phase_report_path: `${directory}/phase-report.json`,
  graph_ir: graphOf([]),
  executor_receipt: recorder.executorReceipt(1),
});

/** Refuses calls of some kinds at a path that ends like this. */
function refuse(disk: WatchedDisk, kinds: readonly DiskCall["kind"][], end: string, code = "ENOSPC"): void {
  disk.refuse(code, ({ kind, path }) => kinds.includes(kind) && path.endsWith(end));
}

/** A job that fails in its first attempt; the second is yet to begin. */
function failsOnce(run: PlayedRun): void {
  startJob(run, "a");
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.stepEnds("a", 1, { exitCode: 1 });
  run.executionEnds("a", { exitCode: 1 });
}

/** The second attempt of a job that {@link failsOnce}. */
function passesThen(run: PlayedRun): void {
  beginAttempt(run, "a", 2);
  run.executionStarts("a");
  run.stepStarts("a", 1);
  run.stepEnds("a", 1);
  run.executionEnds("a", { status: "success" });
  endJob(run, "a", "success");
}

const eventsIn = (text: string): string[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { event: string; phase_code?: string })
    .map(({ event, phase_code: code }) => `${event} ${code}`);

describe("the last record", () => {
  test("closes a run that is whole, on disk at once", () => {
    const all = watchedRecorder({ flushes: false });
    const { run, recorder, directory } = all;
    run.begins(graphOf([]));
    expect(recorder.isClosed).toBe(false);
    run.ends("success", () => {
      expect(finalDocuments(all).ok).toBe(true);
      expect(recorder.isClosed).toBe(false);
    });
    expect(recorder.isClosed).toBe(true);
    expect(eventsIn(readFileSync(join(directory, "events.jsonl"), "utf8")).at(-1)).toBe(
      "phase_finish run.finalize",
    );
  });

  test.each<{ lost: string; kinds: DiskCall["kind"][]; end: string; path: string; told?: string }>([
    {
      lost: "a stream",
      kinds: ["open"],
      end: "pipeline/events.jsonl",
      path: "pipeline/events.jsonl",
    },
    {
      lost: "a document of a job",
      kinds: ["rename"],
      end: "jobs/a/manifest.json",
      path: "jobs/a/manifest.json",
    },
    {
      lost: "a document of the run",
      kinds: ["rename"],
      end: "phase-report.json",
      path: "phase-report.json",
    },
    {
      lost: "the steps of a replaced attempt",
      kinds: ["rename"],
      end: "attempts/1/script/",
      told: `${EXECUTION}/script/`,
      // Those of the next attempt cannot be written where they are.
      path: `${EXECUTION}/script/01/events.jsonl`,
    },
  ])("is not recorded in a run that lacks $lost", ({ kinds, end, path, told }) => {
    const all = watchedRecorder();
    const { run, recorder, directory, disk, faults } = all;
    refuse(disk, kinds, end);
    run.begins(graphOf([{ id: "a", script: ["one"] }]));
    failsOnce(run);
    passesThen(run);
    let done: Result<void, EventError> | undefined;
    run.ends("success", () => (done = finalDocuments(all)));
    const error = refused(join(directory, path));
    const first = refused(join(directory, told ?? path));
    expect(done).toEqual({ ok: false, error });
    expect(recorder.isClosed).toBe(false);
    // All that comes before it is.
    disk.allowAll();
    recorder.close();
    expect(eventsIn(readFileSync(join(directory, "events.jsonl"), "utf8")).slice(-2)).toEqual([
      "phase_finish run.pipeline_execute",
      "phase_start run.finalize",
    ]);
    expect(eventsIn(readFileSync(join(directory, "pipeline/events.jsonl"), "utf8")).at(-1)).toBe(
      "phase_finish pipeline.execute",
    );
    expect(recorder.isClosed).toBe(false);
    expect(faults).toEqual([first]);
  });

  test("is not recorded in a run without a receipt, which is told", () => {
    const all = watchedRecorder();
    const { run, recorder, directory, faults } = all;
    const path = join(directory, "nowhere/receipt.json");
    const error = refused(path, "no such file or directory (ENOENT)");
    run.begins(graphOf([]));
    run.ends("success", () => {
      finalDocuments(all);
      expect(recorder.writeReceipt(path, receiptOf(all))).toEqual({ ok: false, error });
    });
    recorder.close();
    expect([recorder.isClosed, faults]).toEqual([false, [error]]);
    expect(eventsIn(readFileSync(join(directory, "events.jsonl"), "utf8")).at(-1)).toBe(
      "phase_start run.finalize",
    );
  });

  test("is recorded once the receipt could be written after all", () => {
    const all = watchedRecorder();
    const { run, recorder, directory } = all;
    run.begins(graphOf([]));
    run.ends("success", () => {
      finalDocuments(all);
      recorder.writeReceipt(join(directory, "nowhere/receipt.json"), receiptOf(all));
      expect(recorder.writeReceipt(join(directory, "receipt.json"), receiptOf(all)).ok).toBe(true);
    });
    expect(recorder.isClosed).toBe(true);
    expect(JSON.parse(readFileSync(join(directory, "receipt.json"), "utf8"))).toEqual(receiptOf(all));
  });

  test("closes no run if it is refused itself", () => {
    const all = watchedRecorder();
    const { run, recorder, disk, directory, faults } = all;
    run.begins(graphOf([]));
    run.ends("success", () => {
      expect(finalDocuments(all).ok).toBe(true);
      disk.refuse("ENOSPC", ({ kind }) => kind === "write");
    });
    expect([recorder.isClosed, faults]).toEqual([false, [refused(join(directory, "events.jsonl"))]]);
  });

  test("of another phase, or another stream, closes nothing and is always recorded", () => {
    const { run, recorder, disk, directory } = watchedRecorder();
    refuse(disk, ["rename"], "provider/summary.json");
    run.begins(graphOf([{ id: "a" }]));
    startJob(run, "a");
    run.executionStarts("a");
    run.executionEnds("a", { status: "skipped" });
    endJob(run, "a", "cancelled");
    run.phaseEnds({ kind: "pipeline" }, "pipeline.execute", { status: "cancelled" });
    run.phaseEnds({ kind: "run" }, "run.pipeline_execute", { status: "cancelled" });
    expect(recorder.isClosed).toBe(false);
    const tree = readTree(directory);
    expect(eventsIn(tree["events.jsonl"] ?? "")).toEqual([
      "phase_start run.bootstrap",
      "log undefined",
      "phase_finish run.bootstrap",
      "phase_start run.pipeline_execute",
      "phase_finish run.pipeline_execute",
    ]);
    expect(eventsIn(tree["jobs/a/events.jsonl"] ?? "").at(-1)).toBe("phase_finish job.cleanup");
  });
});

describe("a stream that the disk refuses", () => {
  test("is told once, by its file, and all that follows waits for it", () => {
    const { run, recorder, disk, directory, faults } = watchedRecorder();
    run.begins(graphOf([{ id: "a" }, { id: "b" }]));
    startJob(run, "a");
    const before = readTree(directory);
    refuse(disk, ["open"], "jobs/a/user/execution/events.jsonl");
    run.executionStarts("a");
    startJob(run, "b");
    expect(faults).toEqual([refused(join(directory, EXECUTION, "events.jsonl"))]);
    // The record itself is there, its mirror and what came later are not, nor documents that would say more.
    const { "jobs/a/events.jsonl": own, ...rest } = readTree(directory);
    expect(eventsIn(own ?? "").at(-1)).toBe("phase_start job.execution");
    const { "jobs/a/events.jsonl": _, ...others } = before;
    expect(rest).toEqual({ ...others, "jobs/a/user/execution/": "" });
    disk.allowAll();
    recorder.flush();
    expect(listTree(join(directory, "jobs"))).toEqual([
      "a/events.jsonl",
      "a/system/provider/events.jsonl",
      "a/system/provider/summary.json",
      "a/user/execution/events.jsonl",
      "b/events.jsonl",
      "b/system/provider/events.jsonl",
    ]);
    recorder.close();
    expect(listTree(join(directory, "jobs/b"))).toContain("system/provider/summary.json");
    expect(faults.length).toBe(1);
  });

  test("is written by the timer once the disk lets it, each byte once and in order", () => {
    const { run, recorder, disk, clock, directory } = watchedRecorder({ flushes: false });
    disk.mostAtOnce = 7;
    run.phaseStarts({ kind: "run" }, "run.bootstrap");
    run.logs({ kind: "run" }, "info", "a note");
    disk.refuse("ENOSPC", ({ kind }) => kind === "write" && disk.pathsOf("write").length > 5);
    clock.advance(50);
    expect(readFileSync(join(directory, "events.jsonl"), "utf8").length).toBe(35);
    run.jobMoves("a", "pending", "ready");
    run.logs({ kind: "run" }, "info", "another");
    clock.advance(50);
    expect(readFileSync(join(directory, "events.jsonl"), "utf8").length).toBe(35);
    disk.allowAll();
    run.logs({ kind: "run" }, "info", "a third");
    clock.advance(50);
    const messages = readFileSync(join(directory, "events.jsonl"), "utf8")
      .split("\n")
      .slice(1, -1)
      .map((line) => (JSON.parse(line) as { message: string }).message);
    expect(messages).toEqual(["a note", "another", "a third"]);
    expect(eventsIn(readFileSync(join(directory, "pipeline/events.jsonl"), "utf8"))).toEqual([
      "job_state undefined",
    ]);
    recorder.close();
    expect(disk.openFiles).toEqual([]);
  });

  const TOP = { kind: "run" } as const;

  test("is asked for once in a flush, however many others wait for it", () => {
    const { run, recorder, disk } = watchedRecorder({ flushes: false });
    run.logs(TOP, "info", "1");
    run.jobMoves("a", "pending", "ready");
    refuse(disk, ["open"], "/events.jsonl");
    recorder.flush();
    expect(disk.pathsOf("open").length).toBe(1);
  });

  test("is the one that is told at the end, even if it was another at first", () => {
    const all = watchedRecorder({ flushes: false });
    const { run, recorder, disk, directory, faults } = all;
    run.logs(TOP, "info", "1");
    run.jobMoves("a", "pending", "ready");
    refuse(disk, ["open"], "/events.jsonl");
    recorder.flush();
    refuse(disk, ["open"], "/pipeline/events.jsonl");
    const error = refused(join(directory, "pipeline/events.jsonl"));
    expect(finalDocuments(all)).toEqual({ ok: false, error });
    expect(faults).toEqual([refused(join(directory, "events.jsonl"))]);
  });

  test("holds up what comes later, in the order of the run, and what comes together is written together", () => {
    const { run, recorder, disk, directory } = watchedRecorder({ flushes: false });
    run.logs(TOP, "info", "1");
    run.jobMoves("a", "pending", "ready");
    run.phaseStarts({ kind: "job", jobId: jobId("a") }, "job.cleanup");
    refuse(disk, ["open"], "/events.jsonl");
    recorder.flush();
    run.jobMoves("b", "pending", "ready");
    run.jobMoves("c", "pending", "ready");
    refuse(disk, ["open"], "/jobs/a/events.jsonl");
    recorder.flush();
    const moves = (): number =>
      readFileSync(join(directory, "pipeline/events.jsonl"), "utf8").split("\n").length - 1;
    expect(moves()).toBe(1);
    disk.allowAll();
    disk.calls.length = 0;
    recorder.flush();
    expect(moves()).toBe(3);
    expect(within(directory, disk.pathsOf("write"))).toEqual([
      "jobs/a/events.jsonl",
      "pipeline/events.jsonl",
    ]);
    // From then on, records wait as before.
    run.jobMoves("d", "pending", "ready");
    run.logs(TOP, "info", "2");
    expect(disk.pathsOf("write").length).toBe(2);
  });

  test("goes on where the disk stopped, and no further than what it holds up", () => {
    const { run, recorder, disk, directory } = watchedRecorder({ flushes: false });
    run.logs(TOP, "info", "1");
    refuse(disk, ["open"], "/events.jsonl");
    recorder.flush();
    run.jobMoves("a", "pending", "ready");
    run.logs(TOP, "info", "2");
    const text = (): string => readFileSync(join(directory, "events.jsonl"), "utf8");
    disk.mostAtOnce = 10;
    disk.refuse("ENOSPC", ({ kind }) => kind === "write" && disk.pathsOf("write").length > 2);
    recorder.flush();
    expect(text().length).toBe(20);
    refuse(disk, ["open"], "/pipeline/events.jsonl");
    recorder.flush();
    expect(text()).toMatch(/^[^\n]*"1"\}\n$/);
    disk.allowAll();
    recorder.flush();
    expect(text()).toMatch(/^[^\n]*"1"\}\n[^\n]*"2"\}\n$/);
  });

  test("has others that wait for it take no more output than they can keep", () => {
    const { run, disk, output } = watchedRecorder();
    run.executionStarts("a");
    run.stepStarts("a", 1);
    refuse(disk, ["open"], "/pipeline/events.jsonl");
    run.jobMoves("b", "pending", "ready");
    const line = "x".repeat(1024 * 1024);
    for (let index = 0; index < 6; index++) run.prints("a", 1, [line]);
    expect(output.length).toBe(4);
  });

  test("takes no more output than it can keep, and tells of none that it did not take", () => {
    const { run, recorder, disk, directory, output } = watchedRecorder();
    run.executionStarts("a");
    run.stepStarts("a", 1);
    disk.refuse("ENOSPC", ({ kind }) => kind === "write");
    const line = "x".repeat(1024 * 1024);
    for (let index = 0; index < 6; index++) run.prints("a", 1, [line]);
    expect(output.length).toBe(4);
    disk.allowAll();
    run.stepEnds("a", 1);
    recorder.close();
    const tree = readTree(join(directory, EXECUTION, "script/01"));
    expect((tree["events.jsonl"] ?? "").split("\n").length - 1).toBe(6);
    expect(JSON.parse(tree["summary.json"] ?? "")).toMatchObject({
      output_lines: 4,
      output_bytes: 4 * (line.length + 1),
    });
  });

  test("still has the last documents written at the end, which say that the run failed", () => {
    const all = watchedRecorder();
    const { run, disk, directory } = all;
    run.begins(graphOf([{ id: "a" }]));
    startJob(run, "a");
    const error = refused(join(directory, "jobs/a/events.jsonl"));
    refuse(disk, ["write"], "jobs/a/events.jsonl");
    run.cleansUp("a", {}, () => run.section("a", "cleanup"));
    run.jobMoves("a", "running", "cancelled");
    expect(existsSync(join(directory, "jobs/a/summary.json"))).toBe(false);
    expect(finalDocuments(all)).toEqual({ ok: false, error });
    const summary: unknown = JSON.parse(readFileSync(join(directory, "summary.json"), "utf8"));
    expect(summary).toMatchObject({ status: "failure", exit_code: 1, error });
    expect(existsSync(join(directory, "jobs/a/summary.json"))).toBe(true);
  });
});

describe("a document that the disk refuses", () => {
  test.each<{ end: string; by: (all: WatchedRecorder) => void }>([
    { end: "the last documents are written", by: (all) => finalDocuments(all) },
    { end: "the recorder is closed", by: ({ recorder }) => recorder.close() },
  ])("is told, and written when $end", ({ by }) => {
    const all = watchedRecorder();
    const { run, disk, directory, faults } = all;
    const path = join(directory, "jobs/a/system/provider/summary.json");
    refuse(disk, ["rename"], "provider/summary.json");
    run.begins(graphOf([{ id: "a" }]));
    startJob(run, "a");
    expect([existsSync(path), faults]).toEqual([false, [refused(path)]]);
    disk.allowAll();
    by(all);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ section: "provider", status: "success" });
    // It is not written a second time.
    const before = disk.calls.length;
    all.recorder.close();
    expect(disk.calls.slice(before).map(({ kind }) => kind)).not.toContain("writeFile");
  });

  test("is what the last documents lack for as long as it is refused, and no longer", () => {
    const all = watchedRecorder();
    const { run, disk, directory } = all;
    refuse(disk, ["writeFile"], `.summary.json.${process.pid}.tmp`);
    run.begins(graphOf([{ id: "a" }]));
    startJob(run, "a");
    const error = refused(join(directory, "jobs/a/system/provider/summary.json"));
    expect(finalDocuments(all)).toEqual({ ok: false, error });
    disk.allowAll();
    expect(finalDocuments(all)).toEqual({ ok: true, value: undefined });
    // The stream was whole all the time: only the success is left to be told.
    const summary: unknown = JSON.parse(readFileSync(join(directory, "summary.json"), "utf8"));
    expect(summary).toMatchObject({ status: "success" });
  });

  test("is written in a directory that was removed and is made anew when the recorder is closed", () => {
    const { run, recorder, directory, faults } = watchedRecorder();
    run.begins(graphOf([{ id: "a" }]));
    run.jobMoves("a", "pending", "ready");
    run.jobMoves("a", "ready", "running");
    run.getsProvider("a", 1, () => rmSync(join(directory, "jobs"), { recursive: true }));
    const path = "jobs/a/system/provider/summary.json";
    expect(faults).toEqual([refused(join(directory, path), "no such file or directory (ENOENT)")]);
    recorder.close();
    expect(listTree(directory)).toContain(path);
  });

  test("is told with the cause of the directory that cannot be made for it", () => {
    const all = watchedRecorder();
    const { disk, directory, faults } = all;
    refuse(disk, ["mkdir"], "/pipeline/", "EACCES");
    const error = refused(join(directory, "pipeline/manifest.json"), "permission denied (EACCES)");
    expect(finalDocuments(all)).toEqual({ ok: false, error });
    expect([faults, listTree(directory)]).toEqual([[error], ["phase-report.json", "summary.json"]]);
  });

  test("does not keep others from being written", () => {
    const { run, recorder, disk, directory, faults } = watchedRecorder();
    disk.refuse("ENOSPC", ({ kind, path }) => kind === "rename" && path.endsWith("manifest.json"));
    run.begins(graphOf([{ id: "a" }, { id: "b" }]));
    for (const id of ["a", "b"]) {
      startJob(run, id);
      endJob(run, id, "cancelled");
    }
    recorder.close();
    expect(listTree(join(directory, "jobs")).filter((path) => path.endsWith(".json"))).toEqual([
      "a/summary.json",
      "a/system/cleanup/summary.json",
      "a/system/provider/summary.json",
      "b/summary.json",
      "b/system/cleanup/summary.json",
      "b/system/provider/summary.json",
    ]);
    expect(faults).toEqual([refused(join(directory, "jobs/a/manifest.json"))]);
  });
});

describe("steps that the disk does not move", () => {
  test.each<{ kind: DiskCall["kind"]; end: string }>([
    { kind: "rename", end: "attempts/1/script/" },
    { kind: "mkdir", end: "attempts/" },
  ])(
    "are told when a $kind is refused, hold up their own documents only, and are moved later",
    ({ kind, end }) => {
      const all = watchedRecorder();
      const { run, recorder, disk, directory, faults } = all;
      run.begins(graphOf([{ id: "a", script: ["one"] }, { id: "b" }]));
      failsOnce(run);
      refuse(disk, [kind], end);
      beginAttempt(run, "a", 2);
      startJob(run, "b");
      const error = refused(`${join(directory, EXECUTION)}/script/`);
      expect(faults).toEqual([error]);
      const whileRefused = listTree(directory);
      expect(whileRefused).toContain("jobs/b/system/provider/summary.json");
      expect(whileRefused.filter((path) => path.startsWith(`${EXECUTION}/`) && !path.endsWith("/"))).toEqual([
        `${EXECUTION}/events.jsonl`,
        `${EXECUTION}/script/01/events.jsonl`,
        `${EXECUTION}/script/01/summary.json`,
      ]);
      expect(finalDocuments(all)).toEqual({ ok: false, error });
      disk.allowAll();
      expect(finalDocuments(all)).toEqual({ ok: true, value: undefined });
      expect(listTree(join(directory, EXECUTION))).toEqual([
        "attempts/1/script/01/events.jsonl",
        "attempts/1/script/01/summary.json",
        "events.jsonl",
      ]);
      expect(faults).toEqual([error]);
      // They are not moved again.
      const moves = disk.pathsOf("rename").length;
      recorder.close();
      expect(disk.pathsOf("rename").length).toBe(moves);
    },
  );

  test("are moved to a directory that is made anew, if it was removed meanwhile", () => {
    const all = watchedRecorder();
    const { run, recorder, disk, directory } = all;
    failsOnce(run);
    refuse(disk, ["rename"], "attempts/1/script/", "EIO");
    beginAttempt(run, "a", 2);
    endJob(run, "a", "cancelled");
    expect(finalDocuments(all).ok).toBe(false);
    rmSync(join(directory, EXECUTION, "attempts"), { recursive: true });
    disk.allowAll();
    recorder.close();
    expect(listTree(join(directory, EXECUTION, "attempts"))).toEqual([
      "1/script/01/events.jsonl",
      "1/script/01/summary.json",
    ]);
  });

  test("are moved to a directory that is made anew, also if no document goes with them", () => {
    const all = watchedRecorder();
    const { run, recorder, disk, directory } = all;
    startJob(run, "a");
    run.executionStarts("a");
    run.stepStarts("a", 1);
    refuse(disk, ["rename"], "attempts/1/script/", "EIO");
    beginAttempt(run, "a", 2);
    endJob(run, "a", "cancelled");
    expect(finalDocuments(all).ok).toBe(false);
    rmSync(join(directory, EXECUTION, "attempts"), { recursive: true });
    disk.allowAll();
    recorder.close();
    expect(listTree(join(directory, EXECUTION, "attempts"))).toEqual(["1/script/01/events.jsonl"]);
  });

  test("take a document that was refused before with them, and no other", () => {
    const { run, recorder, disk, directory } = watchedRecorder();
    disk.refuse("ENOSPC", ({ kind, path }) => kind === "rename" && path.endsWith("summary.json"));
    failsOnce(run);
    expect(listTree(directory).filter((path) => path.endsWith("summary.json"))).toEqual([]);
    disk.allowAll();
    beginAttempt(run, "a", 2);
    rmSync(join(directory, "jobs/a/system/provider/summary.json"));
    recorder.close();
    expect(listTree(join(directory, "jobs/a"))).toEqual([
      "events.jsonl",
      "system/provider/events.jsonl",
      "user/execution/attempts/1/script/01/events.jsonl",
      "user/execution/attempts/1/script/01/summary.json",
      "user/execution/events.jsonl",
    ]);
  });

  test("keep a document of another unit from being forgotten", () => {
    const { run, recorder, disk, directory } = watchedRecorder();
    refuse(disk, ["rename"], "jobs/b/system/provider/summary.json");
    startJob(run, "b");
    disk.allowAll();
    failsOnce(run);
    beginAttempt(run, "a", 2);
    recorder.close();
    expect(listTree(join(directory, "jobs/b"))).toContain("system/provider/summary.json");
  });
});

describe("the next attempt at a job", () => {
  const SCRIPT = `${EXECUTION}/script/01`;
  const MOVED = `${EXECUTION}/attempts/1/script/01`;

  /** When something happens to the disk: before the first step, before it prints, before the second attempt, in it. */
  type Moment = "first" | "printed" | "second" | "later";

  /** Plays a run whose job fails once. */
  function play(all: WatchedRecorder, disrupt: Partial<Record<Moment, () => void>>): void {
    const { run } = all;
    run.begins(graphOf([{ id: "a", script: ["one"] }, { id: "b" }]));
    startJob(run, "a");
    run.executionStarts("a");
    disrupt.first?.();
    run.stepStarts("a", 1);
    disrupt.printed?.();
    run.prints("a", 1, ["out of the first"]);
    run.stepEnds("a", 1, { exitCode: 1 });
    run.executionEnds("a", { exitCode: 1 });
    disrupt.second?.();
    beginAttempt(run, "a", 2);
    run.executionStarts("a");
    run.stepStarts("a", 1);
    run.prints("a", 1, ["out of", "the second"]);
    disrupt.later?.();
    run.stepEnds("a", 1);
    run.executionEnds("a", { status: "success" });
    endJob(run, "a", "success");
    run.cancels("b");
    run.ends("success", () => finalDocuments(all));
  }

  const whole = (): Record<string, string> => {
    const all = watchedRecorder();
    play(all, {});
    expect(all.recorder.isClosed).toBe(true);
    return readTree(all.directory);
  };

  test.each<{ title: string; kind: DiskCall["kind"]; end: string; times: number }>([
    { title: "is not moved at first", kind: "rename", end: "attempts/1/script/", times: 1 },
    { title: "is not moved for long", kind: "rename", end: "attempts/1/script/", times: 10 },
    { title: "has nowhere to be moved at first", kind: "mkdir", end: "attempts/1/", times: 1 },
    { title: "has nowhere to be moved for long", kind: "mkdir", end: "attempts/1/", times: 10 },
  ])("has its steps apart from those of the one before, which $title", ({ kind, end, times }) => {
    const all = watchedRecorder();
    let refusals = 0;
    all.disk.refuse("ENOSPC", (call) => call.kind === kind && call.path.endsWith(end) && ++refusals <= times);
    play(all, {});
    expect(refusals).toBeGreaterThan(times);
    expect(all.recorder.isClosed).toBe(true);
    expect(all.faults).toEqual([refused(`${join(all.directory, EXECUTION)}/script/`)]);
    expect(readTree(all.directory)).toEqual(whole());
    expect(rulesBrokenIn(all.directory)).toEqual([]);
  });

  test.each<{ kind: DiskCall["kind"]; from: Moment; until: Moment }>([
    { kind: "open", from: "first", until: "second" },
    { kind: "open", from: "first", until: "later" },
    { kind: "write", from: "printed", until: "second" },
    { kind: "write", from: "printed", until: "later" },
  ])(
    "has its steps apart from those of the one before, for which the disk refuses to $kind until the $until",
    ({ kind, from, until }) => {
      const all = watchedRecorder();
      play(all, {
        [from]: () => refuse(all.disk, [kind], `${SCRIPT}/events.jsonl`),
        [until]: () => all.disk.allowAll(),
      });
      expect([all.recorder.isClosed, all.faults.length]).toEqual([true, 1]);
      expect(readTree(all.directory)).toEqual(whole());
      expect(rulesBrokenIn(all.directory)).toEqual([]);
    },
  );

  test("has its steps apart from those of the one before, which are written only when the recorder is closed", () => {
    const all = watchedRecorder();
    play(all, { first: () => refuse(all.disk, ["open"], `${SCRIPT}/events.jsonl`) });
    const { recorder, directory, disk } = all;
    expect(recorder.isClosed).toBe(false);
    expect(listTree(directory).filter((path) => path.startsWith(`${EXECUTION}/attempts/`))).toEqual([]);
    disk.allowAll();
    recorder.close();
    const stepsIn = (tree: Record<string, string>): [string, string][] =>
      Object.entries(tree).filter(([path]) => path.startsWith(SCRIPT) || path.startsWith(MOVED));
    expect(stepsIn(readTree(directory))).toEqual(stepsIn(whole()));
  });

  test("waits as long as the one before is in its place, and is no part of it", () => {
    const all = watchedRecorder();
    refuse(all.disk, ["rename"], "attempts/1/script/");
    play(all, {});
    const { recorder, directory, disk } = all;
    expect(recorder.isClosed).toBe(false);
    const tree = readTree(directory);
    expect(tree[`${SCRIPT}/events.jsonl`]).toContain("out of the first");
    expect(tree[`${SCRIPT}/events.jsonl`]).not.toContain("the second");
    expect(JSON.parse(tree[`${SCRIPT}/summary.json`] ?? "")).toMatchObject({ status: "failed" });
    disk.allowAll();
    recorder.close();
    const later = readTree(directory);
    expect(later[`${MOVED}/events.jsonl`]).toBe(tree[`${SCRIPT}/events.jsonl`]);
    expect(later[`${SCRIPT}/events.jsonl`]).toContain("the second");
    expect(JSON.parse(later[`${SCRIPT}/summary.json`] ?? "")).toMatchObject({ status: "success" });
    expect(JSON.parse(later[`${MOVED}/summary.json`] ?? "")).toMatchObject({ status: "failed" });
    expect(disk.openFiles).toEqual([]);
  });
});

describe("the run's directory", () => {
  const GONE = "ARTIFACTS_REMOVED";

  test("is told to be gone if something is missing because of that", () => {
    const { run, directory, faults } = watchedRecorder();
    run.begins(graphOf([{ id: "a" }]));
    rmSync(directory, { recursive: true });
    startJob(run, "a");
    expect(faults).toEqual([
      {
        code: GONE,
        message: `The evidence of this run was removed while it ran, perhaps by a step that cleans the checkout (git clean -x): "${directory}/"`,
      },
    ]);
  });

  test.each<{ title: string; code: string; gone: boolean; reason: string }>([
    {
      title: "something in it is missing",
      code: "ENOENT",
      gone: false,
      reason: "no such file or directory (ENOENT)",
    },
    { title: "the disk is full", code: "ENOSPC", gone: false, reason: NO_SPACE },
    { title: "the disk is full, and it is, too", code: "ENOSPC", gone: true, reason: NO_SPACE },
  ])("is not told to be gone if $title", ({ code, gone, reason }) => {
    const { run, disk, directory, faults } = watchedRecorder();
    run.begins(graphOf([{ id: "a" }]));
    run.jobMoves("a", "pending", "ready");
    run.jobMoves("a", "ready", "running");
    if (gone) rmSync(directory, { recursive: true });
    disk.refuse(code, ({ kind, path }) => kind === "mkdir" && path.endsWith("/jobs/"));
    beginAttempt(run, "a");
    expect(faults).toEqual([refused(join(directory, "jobs/a/events.jsonl"), reason)]);
  });

  test("gets its last documents even if it was emptied after an earlier fault", () => {
    const all = watchedRecorder();
    const { run, recorder, disk, directory, faults } = all;
    run.begins(graphOf([{ id: "a" }]));
    disk.refuse("ENOSPC", ({ kind }) => kind === "write");
    run.jobMoves("a", "pending", "ready");
    disk.allowAll();
    recorder.flush();
    run.jobMoves("a", "ready", "running");
    expect(faults.length).toBe(1);
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    expect(finalDocuments(all)).toEqual({ ok: true, value: undefined });
    expect(listTree(directory)).toEqual(
      expect.arrayContaining([
        "phase-report.json",
        "pipeline/manifest.json",
        "pipeline/summary.json",
        "summary.json",
      ]),
    );
  });
});
