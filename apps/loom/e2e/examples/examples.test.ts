import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JobManifest, PipelineManifest, PipelineSummary, SectionSummary } from "@loom/artifacts";
import type { PhaseFinishEvent } from "@loom/core";
import { expect, test } from "vitest";
import {
  runExample,
  verify,
  runLoom,
  statusesOf,
  jobsByName,
  linesOf,
  readEvents,
  readDocument,
  installExample,
  runNode,
} from "./run-example.ts";

test(
  "loom run carries the TypeScript library from its types to its packed file",
  { timeout: 240_000 },
  async () => {
    const run = await runExample("typescript-library");
    expect(run.exitCode).toBe(0);
    expect(statusesOf(run.receipt)).toEqual({
      dependencies: "success",
      types: "success",
      "unit-tests": "success",
      build: "success",
      pack: "success",
      consume: "success",
    });
    const consume = readDocument<JobManifest>(run.logsDir, "jobs/consume/manifest.json");
    expect(linesOf(run.logsDir, consume.steps.at(-1)?.events_path)).toEqual([
      "the packed library works: 90m is 1h30m",
    ]);
    expect(await verify(run.logsDir)).toEqual({ exitCode: 0, status: "valid", violations: [] });
    const pack = readDocument<JobManifest>(run.logsDir, "jobs/pack/manifest.json");
    expect(pack.artifacts?.files.map(({ path }) => path)).toEqual(["out/plain-duration-1.0.0.tgz"]);
    expect(existsSync(join(run.logsDir, "jobs/pack/artifacts/out/plain-duration-1.0.0.tgz"))).toBe(true);
    // The second run finds what npm downloaded.
    expect((await runLoom(["run", "--quiet"], run.project)).exitCode).toBe(0);
    const logs = join(run.project, ".loom/.runtime/logs");
    const [, second = ""] = readdirSync(logs).toSorted();
    const restored = readDocument<SectionSummary>(
      logs,
      second,
      "jobs/dependencies/system/cache_restore/summary.json",
    );
    expect(restored).toMatchObject({ status: "success", hit: true });
  },
);

test("loom run compiles the files of the C program side by side and links them once all are done", async () => {
  const run = await runExample("c-program", ["-j", "4"]);
  expect(run.exitCode).toBe(0);
  const { sanitizers, ...statuses } = statusesOf(run.receipt);
  expect(statuses).toEqual({
    configure: "success",
    "compile-main": "success",
    "compile-reader": "success",
    "compile-report": "success",
    "compile-table": "success",
    link: "success",
    cases: "success",
  });
  // Tolerated: a machine may lack the sanitizers' libraries.
  expect(["success", "failed"]).toContain(sanitizers);
  const manifest = readDocument<PipelineManifest>(run.logsDir, "pipeline/manifest.json");
  expect(manifest.jobs.find((job) => job.job_id === "sanitizers")?.blocking).toBe(false);

  const moves = readEvents(run.logsDir, manifest.events_path).flatMap((record) =>
    record.event === "job_state" ? [{ seq: record.seq, to: record.to, jobId: String(record.job_id) }] : [],
  );
  const compile = moves.filter(({ jobId }) => jobId.startsWith("compile-"));
  const started = compile.filter(({ to }) => to === "running").map(({ seq }) => seq);
  const ended = compile.filter(({ to }) => to === "success").map(({ seq }) => seq);
  const linked = moves.find(({ jobId, to }) => jobId === "link" && to === "running");
  expect({ started: started.length, ended: ended.length }).toEqual({ started: 4, ended: 4 });
  expect(Math.max(...started)).toBeLessThan(Math.min(...ended));
  expect(Math.max(...ended)).toBeLessThan(linked?.seq ?? 0);
  expect(await verify(run.logsDir)).toEqual({ exitCode: 0, status: "valid", violations: [] });
});

test("loom run leads from the receipt of the failed data job to the lines that say why", async () => {
  const run = await runExample("data-job");
  expect(run.exitCode).toBe(1);
  expect({ status: run.receipt.status, exit_code: run.receipt.exit_code }).toEqual({
    status: "failure",
    exit_code: 1,
  });

  const summary = readDocument<PipelineSummary>(run.logsDir, "pipeline/summary.json");
  expect(summary.job_counts).toEqual({ total: 7, success: 4, failed: 1, skipped: 2, cancelled: 0 });
  expect(summary.error).toEqual({
    code: "exit_code",
    message: "Step 2 exited with code 3",
    job_id: "validate",
  });

  const manifest = readDocument<PipelineManifest>(run.logsDir, summary.manifest_path);
  expect(manifest.failing_job_id).toBe("validate");
  expect(manifest.failed_job_ids).toEqual(["validate"]);
  const job = readDocument<JobManifest>(run.logsDir, manifest.failing_job_manifest_path);
  expect({ section: job.failing_section, step: job.failing_step }).toEqual({ section: "execution", step: 2 });

  expect(linesOf(run.logsDir, job.failing_events_path)).toEqual([
    "data/orders-week-2.csv:3: order 1006: the amount -129.90 is below zero",
    "data/orders-week-2.csv:5: order 1003: the same number as in data/orders-week-1.csv:5",
    "validate: 2 of 10 orders break a rule, at most 0 may",
  ]);
  const finish = readEvents(run.logsDir, job.failing_events_path).find(
    (record): record is PhaseFinishEvent => record.event === "phase_finish",
  );
  expect({ status: finish?.status, exit_code: finish?.exit_code }).toEqual({
    status: "failed",
    exit_code: 3,
  });
});

test("loom run publishes nothing after the failed data job, and runs what a failure calls for", async () => {
  const run = await runExample("data-job");
  const manifest = readDocument<PipelineManifest>(run.logsDir, "pipeline/manifest.json");
  const blocked = { status: "skipped", skip_reason: "upstream_failed", blocked_by: ["validate"] };
  expect(jobsByName(manifest)).toEqual({
    extract: { status: "success" },
    clean: { status: "success" },
    validate: { status: "failed" },
    publish: blocked,
    archive: blocked,
    diagnose: { status: "success" },
    "row-counts": { status: "success" },
  });
  expect(readdirSync(join(run.folder, "out")).sort()).toEqual(["broken.csv", "clean.csv", "raw.csv"]);
  expect(await verify(run.logsDir)).toEqual({ exitCode: 0, status: "valid", violations: [] });
});

test("loom run --var lets the data job pass, and then nobody diagnoses", async () => {
  const run = await runExample("data-job", ["--var", "MAX_BROKEN=2"]);
  expect(run.exitCode).toBe(0);
  const manifest = readDocument<PipelineManifest>(run.logsDir, "pipeline/manifest.json");
  const { diagnose, ...rest } = jobsByName(manifest);
  expect(diagnose).toMatchObject({ status: "skipped", skip_reason: "condition_not_met" });
  expect(Object.values(rest)).toEqual(Array.from({ length: 6 }, () => ({ status: "success" })));
  expect(readFileSync(join(run.folder, "out/published/totals.csv"), "utf8")).toMatchInlineSnapshot(`
    "Arden Tools,149.89
    Birch & Sons,155.50
    Cedar Foods,412.35
    Dogwood Books,76.00
    Elder Press,230.10
    "
  `);
});

test("loom run --reporter prints with the module of the example, which passes the suite of all reporters", async () => {
  const folder = installExample("own-reporter");
  const { exitCode, stdout } = await runLoom(["run", "--reporter", "./markdown.mjs"], folder);
  expect(exitCode).toBe(1);
  expect(
    stdout
      .replaceAll(/\d+\.\d/g, "0.0")
      .replaceAll(/loom-run-local\S+/g, "RUN")
      .split("\n"),
  ).toEqual([
    "## failure",
    "",
    "| Job | Result | Seconds | Why |",
    "| --- | --- | --: | --- |",
    "| lint | success | 0.0 |  |",
    "| spelling | failed | 0.0 | exit\\_code |",
    "| publish | skipped |  | spelling |",
    "",
    "Step 1 exited with code 1",
    "",
    "Evidence: .loom/.runtime/logs/RUN",
    "",
  ]);
  expect(runNode(["--test", "--test-reporter=tap"], folder)).toContain("\n# fail 0\n");
});

// It looks for processes in /proc.
test.runIf(process.platform === "linux")(
  "a program runs its jobs with the provider of the example, which passes the suite of all providers",
  async () => {
    const folder = installExample("own-provider");
    const output = runNode(["run.mjs"], folder, { TOKEN: "secret" });
    expect(output).toContain("the colour is red, the token is not here\n");
    expect(output).toContain("home is note\n");
    const [run = ""] = readdirSync(join(folder, ".loom/.runtime/logs"));
    const logsDir = join(folder, ".loom/.runtime/logs", run);
    const cleanup = readEvents(logsDir, "jobs/inside/system/cleanup/events.jsonl");
    expect(cleanup.find((record) => "processes" in record)).toMatchObject({
      level: "warn",
      processes: [{ command: "sleep 600" }],
    });
    expect(await verify(logsDir)).toEqual({ exitCode: 0, status: "valid", violations: [] });
    expect(runNode(["--test", "--test-reporter=tap"], folder)).toContain("\n# fail 0\n");
  },
);

test("a program runs a workflow twice at a time, and stops one of the runs", () => {
  const folder = installExample("from-a-program");
  const output = runNode(["run.mjs"], folder);
  const lines = output.trimEnd().split("\n");
  expect(lines.at(-1)).toBe("0 143 all is well");
  expect(lines).toEqual(
    expect.arrayContaining([
      "lint: lint is running",
      "lint: no spaces at the ends of lines",
      "lint: success",
      "slow: slow is cancelled",
      "slow: cancelled",
    ]),
  );
});
