import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { collect } from "../../test/collect.ts";
import { recordFailingRun } from "../../test/record-failing-run.ts";
import { openRun, type RunReader } from "./open-run.ts";

const STEP = "jobs/build/user/execution/script/01/events.jsonl";

describe("openRun()", () => {
  test("openRun() climbs down the ladder from the receipt to the one stream that shows the failure", async () => {
    const { receiptPath } = recordFailingRun(temporaryDirectory(), 7n);
    const run = await opened(receiptPath);
    const receipt = valueOf(await run.receipt());
    const summary = valueOf(await run.pipelineSummary());
    const manifest = valueOf(await run.pipelineManifest());
    const job = valueOf(await run.jobManifest(manifest.failing_job_id ?? ""));
    const events = await collect(run.readEvents(job.failing_events_path ?? ""));
    expect([
      receipt.status,
      summary.error?.job_id,
      manifest.failing_job_manifest_path,
      job.failing_step,
      events.map(({ line, result }) => `${line} ${result.ok ? result.value.event : result.error.code}`),
    ]).toStrictEqual(["failure", "test", "jobs/test/manifest.json", 2, ["1 phase_start", "2 phase_finish"]]);
  });

  test("openRun() reads every document that the recorder writes", async () => {
    const { directory, receiptPath } = recordFailingRun(temporaryDirectory(), 7n);
    const run = await opened(directory);
    expect(run.receiptPath).toBe(receiptPath);
    const results = await Promise.all([
      run.receipt(),
      run.runSummary(),
      run.pipelineSummary(),
      run.pipelineManifest(),
      run.phaseReport(),
      run.jobSummary("image"),
      run.jobSummary("deploy"),
      run.jobManifest("test"),
      run.stepSummary("build", 1),
      run.sectionSummary("build", "cache_restore"),
    ]);
    expect(results.filter((result) => !result.ok)).toStrictEqual([]);
  });

  test("openRun() finds the run beside a receipt that was moved with it", async () => {
    const root = temporaryDirectory();
    const { receiptPath } = recordFailingRun(join(root), 7n);
    const moved = temporaryDirectory();
    cpSync(join(root, ".loom"), join(moved, ".loom"), { recursive: true });
    rmSync(join(root, ".loom"), { recursive: true });
    const run = await opened(receiptPath.replace(root, moved));
    expect(run.directory).toBe(join(moved, ".loom/.runtime/logs/loom-run-local-7"));
  });

  test("streams() lists every stream, and no file of the user's that is called like one", async () => {
    const { directory } = recordFailingRun(temporaryDirectory(), 7n);
    mkdirSync(join(directory, "jobs/build/artifacts/logs"), { recursive: true });
    writeFileSync(join(directory, "jobs/build/artifacts/logs/events.jsonl"), "not ours\n");
    const run = await opened(directory);
    expect(valueOf(await run.streams())).toMatchInlineSnapshot(`
      [
        "events.jsonl",
        "jobs/build/events.jsonl",
        "jobs/build/system/cache_restore/events.jsonl",
        "jobs/build/system/cleanup/events.jsonl",
        "jobs/build/system/provider/events.jsonl",
        "jobs/build/user/execution/events.jsonl",
        "jobs/build/user/execution/script/01/events.jsonl",
        "jobs/deploy/events.jsonl",
        "jobs/image/events.jsonl",
        "jobs/image/system/cleanup/events.jsonl",
        "jobs/image/system/image_build/events.jsonl",
        "jobs/image/user/execution/events.jsonl",
        "jobs/test/events.jsonl",
        "jobs/test/system/cleanup/events.jsonl",
        "jobs/test/system/provider/events.jsonl",
        "jobs/test/user/execution/events.jsonl",
        "jobs/test/user/execution/script/01/events.jsonl",
        "jobs/test/user/execution/script/02/events.jsonl",
        "pipeline/events.jsonl",
      ]
    `);
  });

  test("readEvents() keeps complete lines and reports the damaged and the torn ones in their place", async () => {
    const { directory } = recordFailingRun(temporaryDirectory(), 7n);
    appendFileSync(join(directory, STEP), 'garbage\n{"seq":90,"ts":"x","event":"output","stream":"std');
    const run = await opened(directory);
    const lines = await collect(run.readEvents(STEP));
    expect(
      lines.map(({ line, result }) => `${line} ${result.ok ? result.value.event : result.error.code}`),
    ).toStrictEqual([
      "1 phase_start",
      "2 output",
      "3 output",
      "4 phase_finish",
      "5 malformed_line",
      "6 truncated_stream",
    ]);
  });

  test("readEvents() reports a missing stream as an error, not an exception", async () => {
    const { directory } = recordFailingRun(temporaryDirectory(), 7n);
    const run = await opened(directory);
    const lines = await collect(run.readEvents("jobs/none/events.jsonl"));
    expect(lines.map(({ line, result }) => [line, result.ok ? "" : result.error.code])).toStrictEqual([
      [0, "ARTIFACTS_NOT_FOUND"],
    ]);
  });

  test("readEvents() refuses a path that leads out of the run", async () => {
    const { directory } = recordFailingRun(temporaryDirectory(), 7n);
    const run = await opened(directory);
    const codes = await Promise.all(
      ["../../receipts/loom-run-local-7.json", "/etc/passwd"].map(async (path) => {
        const [first] = await collect(run.readEvents(path));
        return first?.result.ok === false ? first.result.error.code : "read";
      }),
    );
    expect(codes).toStrictEqual(["ARTIFACTS_OUTSIDE_RUN", "ARTIFACTS_OUTSIDE_RUN"]);
    expect((await run.jobManifest("../..")).ok).toBe(false);
  });

  test("readOutput() gives the lines that were printed", async () => {
    const { directory } = recordFailingRun(temporaryDirectory(), 7n);
    const run = await opened(directory);
    const texts = (await collect(run.readOutput(STEP))).map(({ text }) => text);
    expect(texts).toStrictEqual(["héllo", "plain"]);
  });

  test("openRun() says what is wrong with a document", async () => {
    const { directory } = recordFailingRun(temporaryDirectory(), 7n);
    writeFileSync(join(directory, "jobs/test/manifest.json"), '{"schema_version":"loom.runtime.logs.v3"}');
    writeFileSync(join(directory, "jobs/build/manifest.json"), "{");
    rmSync(join(directory, "jobs/image/manifest.json"));
    const run = await opened(directory);
    const results = await Promise.all(["test", "build", "image"].map((job) => run.jobManifest(job)));
    expect(results.map((result) => (result.ok ? "" : result.error.message.replaceAll(directory, "<run>"))))
      .toMatchInlineSnapshot(`
      [
        "Cannot read "<run>/jobs/test/manifest.json": "/schema_version" must be "loom.runtime.logs.v2"",
        "Cannot read "<run>/jobs/build/manifest.json": it is not JSON (Expected property name or '}' in JSON at position 1 (line 1 column 2))",
        "Cannot read "<run>/jobs/image/manifest.json": no such file or directory (ENOENT)",
      ]
    `);
  });

  test("openRun() says that a directory is not that of a run, and that a path is not there", async () => {
    const root = temporaryDirectory();
    const results = await Promise.all([openRun(root), openRun(join(root, "none"))]);
    expect(results.map((result) => (result.ok ? "" : result.error.message.replaceAll(root, "<root>"))))
      .toMatchInlineSnapshot(`
      [
        "Cannot open "<root>": it is not the directory of a run: it has no events.jsonl",
        "Cannot read "<root>/none": no such file or directory (ENOENT)",
      ]
    `);
  });
});

async function opened(path: string): Promise<RunReader> {
  return valueOf(await openRun(path));
}

function valueOf<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
