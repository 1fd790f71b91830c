import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { epochMs, jobId, type EventError } from "@loom/core";
import { graphOf, temporaryDirectory, type ScriptedRun } from "@loom/testkit";
import { FAILING_RESULT, playFailingRun } from "../../test/failing-run.ts";
import { recordFailingRun } from "../../test/record-failing-run.ts";
import { listTree, readTree } from "../../test/read-tree.ts";
import { rulesBrokenIn } from "../../test/rules-broken-in.ts";
import { beginAttempt, endJob, scriptRun, startJob } from "../../test/script-run.ts";
import { RECEIPT } from "../documents/receipt.ts";
import { createRunDirectory } from "../layout/create-run-directory.ts";
import { readDocument } from "../read/read-document.ts";
import { SYSTEM_DISK, type Disk } from "./disk.ts";
import { createRunRecorder, type RunRecorder, type RunRecorderOptions } from "./run-recorder.ts";

const NS = 1767225600000000000n;

describe("createRunRecorder()", () => {
  test("createRunRecorder() writes the whole tree of a run with failures", () => {
    const { run, recorder, directory } = arrange();
    playFailingRun(run, recorder);
    expect(readTree(directory)).toMatchSnapshot();
  });

  test("createRunRecorder() keeps everything to its owner", () => {
    const { run, recorder, directory } = arrange();
    playFailingRun(run, recorder);
    const modes = listTree(directory).map((path) => statSync(join(directory, path)).mode & 0o777);
    expect(new Set(modes)).toStrictEqual(new Set([0o600]));
    expect(statSync(join(directory, "jobs/test/user/execution/script")).mode & 0o777).toBe(0o700);
  });

  test("createRunRecorder() gives every seq one place, mirrors apart, and mirrors byte for byte", () => {
    const { run, recorder, directory } = arrange();
    playFailingRun(run, recorder);
    const streams = Object.entries(readTree(directory)).filter(([path]) => path.endsWith("events.jsonl"));
    const lines = (only: boolean): string[] =>
      streams
        .filter(([path]) => path.endsWith("user/execution/events.jsonl") === only)
        .flatMap(([, text]) => text.trimEnd().split("\n"));
    const own = lines(false);
    const seqs = own.map((line) => (JSON.parse(line) as { seq: number }).seq).sort((a, b) => a - b);
    expect(seqs).toStrictEqual(seqs.map((_, index) => index + 1));
    expect(lines(true).filter((line) => !own.includes(line))).toStrictEqual([]);
    expect(lines(true).length).toBe(12);
  });

  test("createRunRecorder() writes records in the order of seq, and none in a mirror before its own stream", () => {
    const written: { readonly mirror: boolean; readonly seq: number }[] = [];
    const mirrors = new Set<number>();
    const disk: Disk = {
      ...SYSTEM_DISK,
      openToAppend: (path) => {
        const descriptor = SYSTEM_DISK.openToAppend(path);
        if (path.endsWith("user/execution/events.jsonl")) mirrors.add(descriptor);
        return descriptor;
      },
      write: (descriptor, bytes, offset, length) => {
        const lines = Buffer.from(bytes.subarray(offset, offset + length))
          .toString()
          .trimEnd()
          .split("\n");
        for (const line of lines) {
          const { seq, event } = JSON.parse(line) as { seq: number; event: string };
          if (event !== "output") written.push({ mirror: mirrors.has(descriptor), seq });
        }
        return SYSTEM_DISK.write(descriptor, bytes, offset, length);
      },
      close: (descriptor) => {
        mirrors.delete(descriptor);
        SYSTEM_DISK.close(descriptor);
      },
    };
    const { run, recorder } = arrange({ disk });
    playFailingRun(run, recorder);
    const own = written.filter(({ mirror }) => !mirror).map(({ seq }) => seq);
    expect(own).toStrictEqual(own.toSorted((a, b) => a - b));
    const early = written.filter(
      ({ mirror, seq }, at) => mirror && !written.slice(0, at).some((one) => !one.mirror && one.seq === seq),
    );
    expect(early).toStrictEqual([]);
    expect(written.filter(({ mirror }) => mirror).length).toBe(12);
  });

  test("createRunRecorder() gives back the handle of a stream that the disk took only after its job was over", () => {
    const open = new Set<number>();
    let refuses = true;
    const disk: Disk = {
      ...SYSTEM_DISK,
      openToAppend: (path) => {
        if (refuses && path.endsWith("jobs/a/events.jsonl"))
          throw Object.assign(new Error("EMFILE: too many open files, open"), {
            code: "EMFILE",
            syscall: "open",
          });
        const descriptor = SYSTEM_DISK.openToAppend(path);
        open.add(descriptor);
        return descriptor;
      },
      close: (descriptor) => {
        open.delete(descriptor);
        SYSTEM_DISK.close(descriptor);
      },
    };
    const { run, recorder } = arrange({ disk, onFault: () => undefined });
    run.begins(graphOf([{ id: "a" }]));
    startJob(run, "a");
    endJob(run, "a", "cancelled");
    refuses = false;
    recorder.flush();
    recorder.close();
    expect(open.size).toBe(0);
  });

  test("createRunRecorder() says in the documents that a run failed whose last stream the disk refuses", () => {
    const disk: Disk = {
      ...SYSTEM_DISK,
      openToAppend: (path) => {
        if (path.endsWith("pipeline/events.jsonl"))
          throw Object.assign(new Error("ENOSPC: no space left on device, open"), {
            code: "ENOSPC",
            syscall: "open",
          });
        return SYSTEM_DISK.openToAppend(path);
      },
    };
    const { run, recorder, directory } = arrange({ disk, onFault: () => undefined });
    run.phaseStarts({ kind: "pipeline" }, "pipeline.execute");
    const written = recorder.finalDocuments({
      outcome: { status: "success", exitCode: 0, failedJobIds: [] },
      finishedAtMs: epochMs(0),
      phaseReport: { status: "valid", document: {} },
    });
    expect(written).toMatchObject({ ok: false, error: { code: "ARTIFACTS_WRITE_FAILED" } });
    const summary: unknown = JSON.parse(readFileSync(join(directory, "summary.json"), "utf8"));
    expect(summary).toMatchObject({
      status: "failure",
      exit_code: 1,
      error: { code: "ARTIFACTS_WRITE_FAILED" },
    });
    recorder.close();
  });

  test("createRunRecorder() has the documents of a unit on disk as soon as its last record is taken", () => {
    const { run, recorder, directory } = arrange();
    run.begins(graphOf([{ id: "a" }]));
    startJob(run, "a");
    expect(listTree(join(directory, "jobs/a/system/provider"))).toStrictEqual([
      "events.jsonl",
      "summary.json",
    ]);
    run.executionStarts("a");
    run.stepStarts("a", 1);
    run.stepEnds("a", 1);
    expect(listTree(join(directory, "jobs/a/user/execution/script/01"))).toStrictEqual([
      "events.jsonl",
      "summary.json",
    ]);
    run.executionEnds("a", { status: "success" });
    endJob(run, "a", "success");
    expect(listTree(join(directory, "jobs/a")).filter((path) => !path.includes("/"))).toStrictEqual([
      "events.jsonl",
      "manifest.json",
      "summary.json",
    ]);
    recorder.close();
  });

  test("createRunRecorder() sets the steps of a replaced attempt aside and shows the last one", () => {
    const { run, recorder, directory } = arrange();
    run.begins(graphOf([{ id: "a", script: ["one", "two"] }]));
    startJob(run, "a");
    run.executionStarts("a");
    run.stepStarts("a", 1);
    run.prints("a", 1, ["first attempt"]);
    run.stepEnds("a", 1, { exitCode: 1 });
    run.executionEnds("a", { exitCode: 1 });
    beginAttempt(run, "a", 2);
    run.executionStarts("a");
    run.stepStarts("a", 1);
    run.prints("a", 1, ["second attempt"]);
    run.stepEnds("a", 1);
    run.stepStarts("a", 2);
    run.stepEnds("a", 2);
    run.executionEnds("a", { status: "success" });
    endJob(run, "a", "success");
    recorder.close();
    const tree = readTree(join(directory, "jobs/a"));
    expect({
      files: Object.keys(tree),
      manifest: tree["manifest.json"],
      summary: tree["summary.json"],
      replaced: tree["user/execution/attempts/1/script/01/summary.json"],
      outputs: Object.entries(tree).flatMap(([path, text]) =>
        text.split("\n").flatMap((line) => (line.includes('"output"') ? [`${path}: ${line}`] : [])),
      ),
    }).toMatchSnapshot();
  });

  test.each(["mkdir", "rename"] as const)(
    "createRunRecorder() makes up for steps that a refused %s left where the next attempt has its own",
    (call) => {
      let refusals = 0;
      const refusedOnce = (path: string): void => {
        if (!path.includes("/attempts/") && !path.endsWith("/attempts")) return;
        refusals += 1;
        if (refusals > 1) return;
        throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC", syscall: call });
      };
      const disk: Disk = {
        ...SYSTEM_DISK,
        ...(call === "mkdir"
          ? {
              makeDirectory: (path: string) => {
                refusedOnce(path);
                SYSTEM_DISK.makeDirectory(path);
              },
            }
          : {
              rename: (from: string, to: string) => {
                if (!from.endsWith(".tmp")) refusedOnce(to);
                SYSTEM_DISK.rename(from, to);
              },
            }),
      };
      const { run, recorder, directory } = arrange({ disk, onFault: () => undefined });
      run.begins(graphOf([{ id: "a", script: ["one"] }]));
      startJob(run, "a");
      run.executionStarts("a");
      run.stepStarts("a", 1);
      run.stepEnds("a", 1, { exitCode: 1 });
      run.executionEnds("a", { exitCode: 1 });
      beginAttempt(run, "a", 2);
      endJob(run, "a", "cancelled");
      recorder.close();
      expect(refusals).toBeGreaterThan(1);
      expect(listTree(join(directory, "jobs/a/user/execution"))).toStrictEqual([
        "attempts/1/script/01/events.jsonl",
        "attempts/1/script/01/summary.json",
        "events.jsonl",
      ]);
    },
  );

  test("createRunRecorder() writes documents with no jobs when nothing was compiled", () => {
    const { run, recorder, directory } = arrange();
    run.phaseStarts({ kind: "run" }, "run.bootstrap");
    run.phaseEnds({ kind: "run" }, "run.bootstrap", { status: "failed" });
    run.phaseStarts({ kind: "run" }, "run.pipeline_execute");
    run.phaseStarts({ kind: "pipeline" }, "pipeline.execute");
    run.phaseEnds({ kind: "pipeline" }, "pipeline.execute", { status: "skipped" });
    run.phaseEnds({ kind: "run" }, "run.pipeline_execute", { status: "skipped" });
    run.phaseStarts({ kind: "run" }, "run.finalize");
    const done = recorder.finalDocuments({
      outcome: {
        status: "failure",
        exitCode: 1,
        error: { code: "WORKSPACE_IO_FAILED", message: "No space" },
        failedJobIds: [],
      },
      finishedAtMs: epochMs(run.nowMs),
      phaseReport: { status: "invalid", document: {} },
    });
    run.phaseEnds({ kind: "run" }, "run.finalize");
    recorder.close();
    expect(done).toStrictEqual({ ok: true, value: undefined });
    const { "pipeline/manifest.json": manifest, "pipeline/summary.json": summary } = readTree(directory);
    expect([manifest, summary]).toMatchSnapshot();
    expect(listTree(directory)).toStrictEqual([
      "events.jsonl",
      "phase-report.json",
      "pipeline/events.jsonl",
      "pipeline/manifest.json",
      "pipeline/summary.json",
      "summary.json",
    ]);
  });

  test("createRunRecorder() never shows half a document, and leaves no temporary name behind", () => {
    const { run, recorder, directory } = arrange();
    mkdirSync(join(directory, "pipeline"));
    writeFileSync(join(directory, "pipeline/manifest.json"), "the one before");
    const before = statSync(join(directory, "pipeline/manifest.json")).ino;
    playFailingRun(run, recorder);
    // Another file took the name: whoever had the old one open still reads it whole.
    expect(statSync(join(directory, "pipeline/manifest.json")).ino).not.toBe(before);
    expect(listTree(directory).filter((path) => path.includes(".tmp"))).toStrictEqual([]);
  });

  test("createRunRecorder() holds no handle once a job is over, nor any after close", () => {
    const { run, recorder, directory } = arrange();
    run.begins(graphOf(Array.from({ length: 50 }, (_, index) => ({ id: `job${index}` }))));
    const before = openFilesBelow(directory);
    for (let index = 0; index < 50; index++) {
      startJob(run, `job${index}`);
      run.executionStarts(`job${index}`);
      run.stepStarts(`job${index}`, 1);
      run.prints(`job${index}`, 1, ["x"]);
      run.stepEnds(`job${index}`, 1);
      run.executionEnds(`job${index}`, { status: "success" });
      endJob(run, `job${index}`, "success");
    }
    expect([before, openFilesBelow(directory)]).toStrictEqual([2, 2]);
    recorder.close();
    expect(openFilesBelow(directory)).toBe(0);
  });

  test("createRunRecorder() hands output on by itself, without a flush", async () => {
    const { run, recorder, directory } = arrange();
    startJob(run, "a");
    run.executionStarts("a");
    run.stepStarts("a", 1);
    run.prints("a", 1, ["early"]);
    const path = join(directory, "jobs/a/user/execution/script/01/events.jsonl");
    expect(readFileSync(path, "utf8")).not.toContain("early");
    await expect.poll(() => readFileSync(path, "utf8"), { timeout: 5_000, interval: 5 }).toContain("early");
    recorder.close();
  });

  test("createRunRecorder() hands a flood on at once, whole and in order", () => {
    const { run, recorder, directory } = arrange();
    startJob(run, "a");
    run.executionStarts("a");
    run.stepStarts("a", 1);
    const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
    for (let from = 0; from < lines.length; from += 500) {
      run.prints("a", 1, lines.slice(from, from + 500));
    }
    const path = join(directory, "jobs/a/user/execution/script/01/events.jsonl");
    expect(statSync(path).size).toBeGreaterThan(500_000);
    run.stepEnds("a", 1);
    recorder.close();
    const texts = readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .flatMap((line) => (JSON.parse(line) as { text?: string }).text ?? []);
    expect(texts).toStrictEqual(lines);
  });

  test("createRunRecorder() tells where every record went, mirrors included", () => {
    const told: string[] = [];
    const { run, recorder } = arrange({
      onWritten: (path, line, record) => told.push(`${path}:${line} #${record.seq} ${record.event}`),
      onLines: (path, line, firstSeq, count, bytes) =>
        told.push(`${path}:${line} #${firstSeq} ${count} in ${bytes}`),
    });
    run.executionStarts("a");
    run.stepStarts("a", 1);
    run.prints("a", 1, ["x", "y"]);
    run.stepEnds("a", 1);
    recorder.close();
    expect(told).toMatchInlineSnapshot(`
      [
        "jobs/a/events.jsonl:1 #1 phase_start",
        "jobs/a/user/execution/events.jsonl:1 #1 phase_start",
        "jobs/a/user/execution/script/01/events.jsonl:1 #2 phase_start",
        "jobs/a/user/execution/events.jsonl:2 #2 phase_start",
        "jobs/a/user/execution/script/01/events.jsonl:2 #3 2 in 176",
        "jobs/a/user/execution/script/01/events.jsonl:4 #5 phase_finish",
        "jobs/a/user/execution/events.jsonl:3 #5 phase_finish",
      ]
    `);
  });

  test("createRunRecorder() reports the first fault once, by file and cause, and still writes the rest", () => {
    const faults: EventError[] = [];
    const { run, recorder, directory } = arrange({ onFault: (fault) => faults.push(fault) });
    mkdirSync(join(directory, "jobs"));
    writeFileSync(join(directory, "jobs/test"), "in the way");
    mkdirSync(join(directory, "jobs/build/system/provider/summary.json"), { recursive: true });
    playFailingRun(run, recorder);
    expect(faults.map(({ code, message }) => [code, message.replaceAll(directory, "<run>")]))
      .toMatchInlineSnapshot(`
        [
          [
            "ARTIFACTS_WRITE_FAILED",
            "Cannot write "<run>/jobs/build/system/provider/summary.json": it is a folder (EISDIR)",
          ],
        ]
      `);
    expect(listTree(directory).filter((path) => path.endsWith("/manifest.json"))).toStrictEqual([
      "jobs/build/manifest.json",
      "jobs/deploy/manifest.json",
      "jobs/image/manifest.json",
      "pipeline/manifest.json",
    ]);
  });

  test("createRunRecorder() writes what a disk refused once it takes it again, in order and complete", () => {
    const faults: EventError[] = [];
    const first = arrange();
    playFailingRun(first.run, first.recorder);
    const { run, recorder, directory } = arrange({ onFault: (fault) => faults.push(fault) });
    writeFileSync(join(directory, "jobs"), "in the way");
    let freed = false;
    const later: RunRecorder = {
      ...bound(recorder),
      finalDocuments: (final) => {
        rmSync(join(directory, "jobs"));
        freed = true;
        return recorder.finalDocuments(final);
      },
    };
    playFailingRun(run, later);
    expect([faults.length, freed]).toStrictEqual([1, true]);
    expect(readTree(directory)).toStrictEqual(readTree(first.directory));
  });

  test("finalDocuments() returns what is missing", () => {
    const { run, recorder, directory } = arrange({ onFault: () => {} });
    run.phaseStarts({ kind: "run" }, "run.bootstrap");
    mkdirSync(join(directory, "summary.json"));
    const done = recorder.finalDocuments({
      outcome: FAILING_RESULT,
      finishedAtMs: epochMs(run.nowMs),
      phaseReport: { status: "valid", document: {} },
    });
    recorder.close();
    expect(done.ok ? done : done.error.message.replaceAll(directory, "<run>")).toMatchInlineSnapshot(
      `"Cannot write "<run>/summary.json": it is a folder (EISDIR)"`,
    );
  });

  test("finalDocuments() stays small for fifty jobs, the roster apart", () => {
    const { run, recorder, directory } = arrange();
    const names = Array.from({ length: 50 }, (_, index) => `job-with-a-long-name-${index}`);
    run.begins(graphOf(names.map((id) => ({ id, script: ["pnpm test"] }))));
    for (const name of names) {
      startJob(run, name);
      run.executionStarts(name);
      run.stepStarts(name, 1);
      run.stepEnds(name, 1, { exitCode: 1 });
      run.executionEnds(name, { status: "failed" });
      endJob(run, name, "failed");
    }
    recorder.finalDocuments({
      outcome: { ...FAILING_RESULT, failedJobIds: names.map(jobId) },
      finishedAtMs: epochMs(run.nowMs),
      phaseReport: { status: "valid", document: {} },
    });
    recorder.close();
    const size = (path: string): number => statSync(join(directory, path)).size;
    const manifest = JSON.parse(readFileSync(join(directory, "pipeline/manifest.json"), "utf8")) as {
      jobs: unknown;
    };
    const roster = JSON.stringify(manifest.jobs, undefined, 2).length;
    const ladder =
      size("pipeline/summary.json") +
      size("pipeline/manifest.json") +
      size("jobs/job-with-a-long-name-0/manifest.json");
    expect(ladder - roster).toBeLessThan(16 * 1024);
  });

  test("writeReceipt() writes the receipt, and says when it could not", async () => {
    const repoRoot = temporaryDirectory();
    const { receiptPath, directory, identity } = recordFailingRun(repoRoot, NS);
    expect(readFileSync(receiptPath, "utf8").replaceAll(repoRoot, "<repo>")).toMatchSnapshot();
    const receipt = await readDocument(receiptPath, RECEIPT);
    if (!receipt.ok) throw new Error(receipt.error.message);
    const recorder = createRunRecorder({ runDirectory: directory, identity, onFault: () => {} });
    const refused = recorder.writeReceipt(join(repoRoot, "nowhere", "receipt.json"), receipt.value);
    recorder.close();
    expect(refused.ok ? refused : refused.error.message.replaceAll(repoRoot, "<repo>")).toMatchInlineSnapshot(
      `"Cannot write "<repo>/nowhere/receipt.json": no such file or directory (ENOENT)"`,
    );
  });
});

function arrange(options: Partial<RunRecorderOptions> = {}): {
  readonly run: ScriptedRun;
  readonly recorder: RunRecorder;
  readonly directory: string;
} {
  const created = createRunDirectory(temporaryDirectory(), NS);
  if (!created.ok) throw new Error(created.error.message);
  const { identity, directory } = created.value;
  const recorder = createRunRecorder({
    runDirectory: directory,
    identity,
    onFault: (fault) => {
      throw new Error(`Unexpected fault: ${fault.message}`);
    },
    ...options,
  });
  // Where a disk refuses something, what is left breaks rules whatever the script.
  if (options.onFault === undefined)
    onTestFinished(() => expect(rulesBrokenIn(directory), "what the evidence breaks").toStrictEqual([]));
  return { run: scriptRun(identity, recorder), recorder, directory };
}

function bound(recorder: RunRecorder): RunRecorder {
  return {
    record: (stream, record) => recorder.record(stream, record),
    lines: (stream, batch) => recorder.lines(stream, batch),
    flush: () => recorder.flush(),
    finalDocuments: (final) => recorder.finalDocuments(final),
    executorReceipt: (concurrency) => recorder.executorReceipt(concurrency),
    writeReceipt: (path, receipt) => recorder.writeReceipt(path, receipt),
    close: () => recorder.close(),
    get isClosed() {
      return recorder.isClosed;
    },
  };
}

function openFilesBelow(directory: string): number {
  return readdirSync("/proc/self/fd").filter((descriptor) =>
    // The handle that lists the directory is gone by the time it is looked at.
    realpathOf(`/proc/self/fd/${descriptor}`).startsWith(directory),
  ).length;
}

function realpathOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}
