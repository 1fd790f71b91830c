import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildRun, PIPELINE_ID, render, RICH_SHAPE, RUN_ID } from "../test/build-run.ts";
import { CHECKED_AT, named, textOf } from "../test/judge-run.ts";
import { judgeRunDirectory, type JudgeDirectoryOptions } from "./directory.ts";
import type { PhaseReport } from "./report/phase-report.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "loom-phase-validator-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let runs = 0;

describe("judgeRunDirectory()", () => {
  test("finds nothing wrong with a valid run, and reads all of it", () => {
    const dir = writeRun();
    const report = judged(dir);
    expect(named(report)).toEqual([]);
    const streams = textOf(render(buildRun(RICH_SHAPE).entries));
    const text = [...streams.values()].join("");
    expect({ ...report, phases: [], coverage: undefined }).toEqual({
      schema_version: "v1",
      kind: "loom-run-local-phase-report",
      run_id: RUN_ID,
      pipeline_id: PIPELINE_ID,
      status: "valid",
      checked_at: CHECKED_AT,
      streams: { count: streams.size, events: text.split("\n").length - 1, bytes: Buffer.byteLength(text) },
      coverage: undefined,
      phases: [],
      violations: [],
    });
    expect(Object.keys(report)).toEqual([
      "schema_version",
      "kind",
      "run_id",
      "pipeline_id",
      "status",
      "checked_at",
      "streams",
      "coverage",
      "phases",
      "violations",
    ]);
  });

  test("takes the graph and the status from the receipt", () => {
    const shape = { jobs: [{ id: "a", stage: "s", does: "failed" as const }] };
    const run = buildRun(shape);
    const dir = writeRun(shape, (entries) => entries.filter(({ event }) => event["graph_ir"] === undefined));
    const receipt = join(dir, "../../receipts", `${RUN_ID}.json`);
    const said = { run_id: RUN_ID, status: "failure", exit_code: 1, graph_ir: run.graph };
    write(receipt, JSON.stringify(said));
    expect(named(judged(dir))).toEqual([]);
    write(receipt, JSON.stringify({ ...said, status: "success", exit_code: 0 }));
    expect(named(judged(dir))).toEqual(["status_mismatch pipeline/events.jsonl:5"]);
    write(receipt, "{");
    expect(named(judged(dir))).toEqual([`malformed_line ../../receipts/${RUN_ID}.json:1`]);
  });

  test("names documents that are not JSON or disagree", () => {
    const dir = writeRun();
    write(join(dir, "pipeline/summary.json"), "{");
    write(join(dir, "pipeline/manifest.json"), "[]");
    write(join(dir, "jobs/lint/summary.json"), JSON.stringify({ status: "success" }));
    expect(named(judged(dir)).map((name) => name.replace(/(pipeline\/events\.jsonl):\d+/, "$1"))).toEqual([
      "broken_pointer jobs/lint/summary.json:0",
      "status_mismatch pipeline/events.jsonl",
      "malformed_line pipeline/manifest.json:1",
      "malformed_line pipeline/summary.json:1",
    ]);
  });

  test("names every document that is gone from a finalized run, not one of an attempt that was replaced", () => {
    const dir = writeRun();
    for (const path of buildRun(RICH_SHAPE).documents.keys()) {
      const text = readFileSync(join(dir, path));
      rmSync(join(dir, path));
      const found = named(judged(dir));
      const isReplaced = path.includes("/attempts/");
      expect(found.filter((name) => !name.startsWith("broken_pointer"))).toEqual(
        isReplaced ? [] : [`status_mismatch ${path}:0`],
      );
      // A receipt points at the run's own summary, and no document of the run does.
      expect(found.some((name) => name.startsWith("broken_pointer"))).toBe(
        !isReplaced && path !== "summary.json",
      );
      writeFileSync(join(dir, path), text);
    }
    expect(named(judged(dir))).toEqual([]);
  });

  test("names no absent document of a run that was interrupted, or whose run.finalize failed", () => {
    const interrupted = writeRun(RICH_SHAPE, (entries) => entries.slice(0, -1), new Map());
    expect(named(judged(interrupted))).toEqual(["missing_finish events.jsonl:6"]);
    const failed = writeRun(
      RICH_SHAPE,
      (entries) => {
        const [last] = entries.slice(-1);
        if (last === undefined) return entries;
        return [...entries.slice(0, -1), { ...last, event: { ...last.event, status: "failed" } }];
      },
      new Map(),
    );
    expect(named(judged(failed))).toEqual([]);
  });

  test("reads of phase-report.json only that it is there as a file", () => {
    const dir = writeRun();
    const path = join(dir, "phase-report.json");
    write(path, "{");
    expect(named(judged(dir))).toEqual([]);
    rmSync(path);
    symlinkSync(join(dir, "summary.json"), path);
    expect(named(judged(dir))).toEqual(["malformed_line phase-report.json:0"]);
    rmSync(path);
    mkdirSync(path);
    expect(named(judged(dir))).toEqual([
      "status_mismatch phase-report.json:0",
      "broken_pointer summary.json:0",
    ]);
  });

  test("follows no symbolic link, and names those that hide something", () => {
    const dir = writeRun();
    const elsewhere = join(folder, "elsewhere.json");
    write(elsewhere, JSON.stringify({ status: "cancelled" }));
    rmSync(join(dir, "summary.json"));
    symlinkSync(elsewhere, join(dir, "summary.json"));
    symlinkSync(join(dir, "jobs"), join(dir, "jobs/compile/system/loop"));
    symlinkSync("/nowhere", join(dir, "jobs/compile/notes"));
    expect(judged(dir).violations.map(({ message, stream_path: path }) => `${path}: ${message}`)).toEqual([
      "jobs/compile/system/loop: This file is a symbolic link",
      "summary.json: This file is a symbolic link",
    ]);
    const link = join(folder, "latest");
    symlinkSync(writeRun(), link);
    expect(judged(link).status).toBe("valid");
  });

  test("names what is in the place of a stream or document and cannot be read as one", () => {
    const dir = writeRun();
    mkdirSync(join(dir, "jobs/compile/user/events.jsonl"));
    rmSync(join(dir, "jobs/compile/manifest.json"));
    execFileSync("sh", ["-c", `mkfifo "$0"`, join(dir, "jobs/compile/manifest.json")]);
    expect(judged(dir).violations.map(({ message, stream_path: path }) => `${path}: ${message}`)).toEqual([
      "jobs/compile/manifest.json: This file is not a regular file",
      "jobs/compile/user/events.jsonl: This file is not a regular file",
    ]);
  });

  test("reads what only looks like the files of a job", () => {
    const dir = writeRun();
    const streams = [
      "jobs/compile/artifacts-of-mine/events.jsonl",
      "jobs/x/jobs/compile/artifacts/events.jsonl",
    ];
    for (const path of streams) write(join(dir, path), "7\n");
    expect(named(judged(dir))).toEqual(streams.map((path) => `malformed_line ${path}:1`));
  });

  test("names a socket in the place of a stream, and leaves no file open", async () => {
    const dir = writeRun();
    const server = createServer();
    // The path of a socket may have a hundred bytes.
    await new Promise<void>((resolve) => server.listen(join(folder, "socket"), resolve));
    renameSync(join(folder, "socket"), join(dir, "jobs/compile/user/events.jsonl"));
    const open = (): number => (existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0);
    const before = open();
    expect(judged(dir).violations.map(({ message }) => message)).toEqual([
      "This file cannot be read (ENXIO)",
    ]);
    expect(open()).toBe(before);
    await new Promise((resolve) => server.close(resolve));
  });

  test("holds records of steps against their copies in the streams of their jobs", () => {
    const dir = writeRun();
    const copies = join(dir, "jobs/compile/user/execution/events.jsonl");
    write(copies, readFileSync(copies, "utf8").replace(/^.*\n/u, ""));
    expect(named(judged(dir)).filter((name) => name.startsWith("bad_sequence"))).not.toEqual([]);
  });

  test("leaves alone what a job made and what is no part of a run", () => {
    const dir = writeRun();
    write(join(dir, "jobs/compile/artifacts/pipeline/events.jsonl"), "mine");
    write(join(dir, "jobs/compile/artifacts/summary.json"), "mine");
    write(join(dir, "notes/events.jsonl"), "mine");
    expect(named(judged(dir))).toEqual([]);
  });

  test("names a link in place of a directory, but for what a job made, and no link that hides nothing", () => {
    const dir = writeRun();
    symlinkSync(join(dir, "pipeline"), join(dir, "jobs/compile/artifacts"));
    symlinkSync(join(dir, "summary.json"), join(dir, "jobs/compile/artifacts.json"));
    symlinkSync(join(dir, "pipeline"), join(dir, "more"));
    symlinkSync(join(dir, "pipeline"), join(dir, "jobs/compile/system/artifacts"));
    expect(judged(dir).violations.map(({ message, stream_path: path }) => `${path}: ${message}`)).toEqual([
      "jobs/compile/system/artifacts: This file is a symbolic link",
      "more: This file is a symbolic link",
    ]);
  });

  test("reads ten directories deep, and no further", () => {
    const dir = writeRun();
    const deep = (parts: number): string => `jobs/compile/${"x/".repeat(parts - 2)}events.jsonl`;
    write(join(dir, deep(10)), "");
    write(join(dir, deep(11)), "7\n");
    expect(named(judged(dir))).toEqual([]);
    write(join(dir, deep(10)), "7\n");
    expect(named(judged(dir))).toEqual([`malformed_line ${deep(10)}:1`]);
  });

  test("names a document that is too large to be one, and reads one of just that size", () => {
    const dir = writeRun();
    const path = join(dir, "summary.json");
    const text = readFileSync(path, "utf8");
    write(path, text.padEnd(64 * 1024 * 1024));
    expect(named(judged(dir))).toEqual([]);
    truncateSync(path, 64 * 1024 * 1024 + 1);
    expect(
      judged(dir).violations.map(({ message, line, stream_path: at }) => `${at}:${line} ${message}`),
    ).toEqual(["summary.json:0 This file is larger than 67108864 bytes"]);
  });

  test("judges with the graph, the run and the receipt that it is given, and lists all phases when asked", () => {
    const shape = { jobs: [{ id: "a", stage: "s" }] };
    const dir = writeRun(shape);
    const graph = buildRun({ jobs: [...shape.jobs, { id: "b", stage: "s" }] }).graph;
    expect(new Set(judged(dir, { graph }).violations.map(({ job_id: job }) => job))).toEqual(new Set(["b"]));
    const identity = { runId: "loom-run-local-2", pipelineId: PIPELINE_ID } as never;
    const other = judged(dir, { identity });
    expect([other.run_id, other.status]).toEqual(["loom-run-local-2", "invalid"]);
    const receiptPath = join(folder, "elsewhere-receipt.json");
    write(receiptPath, JSON.stringify({ status: "failure" }));
    expect(judged(dir, { receiptPath }).violations.map(({ message }) => message)).toEqual([
      '"../../receipts/elsewhere-receipt.json" says failure, but "pipeline.execute" finished as success',
    ]);
    expect(judged(dir).phases.some(({ step }) => step !== undefined)).toBe(false);
    expect(judged(dir, { full: true }).phases.some(({ step }) => step !== undefined)).toBe(true);
  });

  test("names a receipt that cannot be read, not one that is absent", () => {
    const dir = writeRun();
    const receiptPath = join(folder, "receipt.json");
    expect(named(judged(dir, { receiptPath }))).toEqual([]);
    write(receiptPath, "");
    truncateSync(receiptPath, 64 * 1024 * 1024 + 1);
    expect(judged(dir, { receiptPath }).violations.map(({ message }) => message)).toEqual([
      "This file is larger than 67108864 bytes",
    ]);
    rmSync(receiptPath);
    mkdirSync(receiptPath);
    expect(judged(dir, { receiptPath }).violations.map(({ message, line }) => `${line} ${message}`)).toEqual([
      "0 This file is not a regular file",
    ]);
  });

  test("takes what is still to be appended to the run's own stream for a part of it, and of no other", () => {
    const last: string[] = [];
    const dir = writeRun(RICH_SHAPE, (entries) => {
      last.push(...(render(entries).get("events.jsonl")?.slice(-1) ?? []));
      return entries.slice(0, -1);
    });
    expect(named(judged(dir))).toEqual(["missing_finish events.jsonl:6"]);
    const upcoming = `${last[0]}\n`;
    const report = judged(dir, { upcoming });
    expect(named(report)).toEqual([]);
    expect(report.streams.bytes).toBe(judged(dir).streams.bytes + Buffer.byteLength(upcoming));
  });

  test("judges a run by its pipeline or its jobs alone", () => {
    for (const part of ["pipeline/events.jsonl", "jobs/a/events.jsonl"]) {
      const dir = join(folder, `part-${part.length}`);
      write(join(dir, part), "");
      const report = judged(dir);
      expect(report.run_id).toBe(`part-${part.length}`);
      expect(report.pipeline_id).toBe("unknown");
      expect(report.streams.count).toBe(1);
    }
  });

  test("takes the name of the directory for the run's only when no record names one", () => {
    const dir = join(folder, "loom-run-local-8");
    write(join(dir, "events.jsonl"), `${render(buildRun(RICH_SHAPE).entries).get("events.jsonl")?.[0]}\n`);
    expect(judged(dir)).toMatchObject({ run_id: RUN_ID, pipeline_id: PIPELINE_ID });
  });

  test("judges a run of which nothing was written but an empty stream, named by its directory", () => {
    const dir = join(folder, "loom-run-local-7");
    write(join(dir, "events.jsonl"), "");
    const report = judged(dir);
    expect(report.run_id).toBe("loom-run-local-7");
    expect(report.pipeline_id).toBe("loom-local-7");
    expect(report.coverage).toMatchObject({ required: 8, observed: 0 });
  });

  test("answers what is wrong with a directory that holds no run", () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    write(join(folder, "file"), "");
    const answer = (dir: string): unknown => judgeRunDirectory(dir, { checkedAt: CHECKED_AT });
    expect(answer(join(folder, "gone"))).toEqual({
      ok: false,
      error: { code: "RUN_NOT_FOUND", message: `Cannot verify "${folder}/gone": there is no such directory` },
    });
    expect(answer(join(folder, "file/below"))).toMatchObject({ error: { code: "RUN_NOT_FOUND" } });
    symlinkSync(join(folder, "loop"), join(folder, "loop"));
    expect(answer(join(folder, "loop"))).toEqual({
      ok: false,
      error: { code: "RUN_UNREADABLE", message: `Cannot verify "${folder}/loop": it cannot be read (ELOOP)` },
    });
    expect(answer(join(folder, "file"))).toEqual({
      ok: false,
      error: { code: "RUN_INVALID", message: `Cannot verify "${folder}/file": it is not a directory` },
    });
    write(join(folder, "other/notes.txt"), "");
    expect(answer(join(folder, "other"))).toMatchObject({ error: { code: "RUN_INVALID" } });
    expect(answer(empty)).toEqual({
      ok: false,
      error: {
        code: "RUN_INVALID",
        message: `Cannot verify "${empty}": it is not a run's directory, it has no "events.jsonl"; name the directory of one run, ".loom/.runtime/logs/<run_id>"`,
      },
    });
  });
});

type Entries = ReturnType<typeof buildRun>["entries"];

/** Writes a run as it stands on disk; returns its directory. */
function writeRun(
  shape = RICH_SHAPE,
  change = (entries: Entries): Entries => entries,
  documents = buildRun(shape).documents,
): string {
  const dir = join(folder, String(++runs), "logs", RUN_ID);
  const run = buildRun(shape);
  for (const [path, text] of textOf(render(change(run.entries)))) write(join(dir, path), text);
  for (const [path, json] of documents) write(join(dir, path), `${JSON.stringify(json, null, 2)}\n`);
  return dir;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function judged(dir: string, options: Partial<JudgeDirectoryOptions> = {}): PhaseReport {
  const result = judgeRunDirectory(dir, { checkedAt: CHECKED_AT, ...options });
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
