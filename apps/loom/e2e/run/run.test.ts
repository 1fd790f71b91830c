import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderOf, makeProject, processesOf } from "../project.ts";

const folder = folderOf(import.meta.url);

describe("loom run", () => {
  test("runs what is eligible, blocks what depends on the failure, and leads from the receipt to its cause", () => {
    const project = makeProject({ folder });
    const { exitCode, stdout } = project.loom(["run", "-j", "2"]);
    expect(exitCode).toBe(1);
    const { receipt, pipelineManifest, pipelineSummary, jobManifest, events } = project.lastRun();
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(
      `receipt: ${join(project.root, ".loom/.runtime/receipts", `${receipt.run_id}.json`)}`,
    );
    expect(receipt).toMatchObject({ status: "failure", exit_code: 1, repo_root: project.root });
    expect(pipelineSummary).toMatchObject({
      status: "failure",
      error: { code: "exit_code", job_id: "lint" },
      job_counts: { total: 8, success: 4, failed: 2, skipped: 2, cancelled: 0 },
    });
    expect(
      pipelineManifest.jobs.map(({ job_id, status, blocking, skip_reason, blocked_by }) =>
        [job_id, status, blocking, skip_reason, blocked_by?.join()]
          .filter((part) => part !== undefined)
          .join(" "),
      ),
    ).toEqual([
      "install success true",
      "lint failed true",
      "unit success true",
      "flaky failed false",
      "deploy skipped true stage_blocked lint",
      "diagnose success true",
      "celebrate skipped true stage_blocked lint",
      "notify success true",
    ]);
    expect(pipelineManifest).toMatchObject({ failing_job_id: "lint", failed_job_ids: ["lint"] });
    const lint = jobManifest(pipelineManifest.failing_job_id ?? "");
    expect(lint).toMatchObject({ failing_section: "execution", failing_step: 2 });
    const cause = events(lint.failing_step_events_path ?? "");
    expect(cause.map((event) => ("text" in event ? event.text : event.event))).toEqual([
      "phase_start",
      "src/plan.ts:41:7 error",
      "phase_finish",
    ]);
    expect(cause.at(-1)).toMatchObject({ status: "failed", exit_code: 3 });
  });

  test("leaves evidence that loom verify finds valid", () => {
    const project = makeProject({ folder });
    project.loom(["run"]);
    const { receipt, directory } = project.lastRun();
    for (const name of [
      receipt.run_id,
      "last",
      directory,
      `.loom/.runtime/receipts/${receipt.run_id}.json`,
    ]) {
      const verdict = project.loom(["verify", name]);
      expect([verdict.exitCode, verdict.stdout.split("  ")[0]]).toEqual([0, "valid"]);
    }
  });

  test("is found invalid by loom verify when a record was taken out", () => {
    const project = makeProject({ folder });
    project.loom(["run"]);
    const { directory, receipt } = project.lastRun();
    const stream = join(directory, "jobs/unit/events.jsonl");
    const lines = readFileSync(stream, "utf8").split("\n");
    writeFileSync(stream, lines.filter((line) => !line.includes("job.cleanup")).join("\n"));
    const verdict = project.loom(["verify", receipt.run_id, "--json"]);
    expect(verdict.exitCode).toBe(1);
    const { violations } = JSON.parse(verdict.stdout) as { violations: { code: string; job_id?: string }[] };
    expect(violations.filter(({ job_id }) => job_id === "unit").map(({ code }) => code)).toContain(
      "missing_finish",
    );
  });

  test("prints the events of the run as NDJSON with --json, and nothing else", () => {
    const project = makeProject({ folder });
    const { stdout } = project.loom(["run", "--json"]);
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { seq?: number; event: string });
    expect(records.at(-1)).toMatchObject({ event: "receipt", status: "failure", exit_code: 1 });
    const lifecycle = records.slice(0, -2);
    expect(lifecycle.map(({ seq }) => seq)).toEqual(lifecycle.map((_, index) => index + 1));
  });

  test("explains a failure with --json in the line before the last, as loom explain does", () => {
    const project = makeProject({ folder });
    const lines = project.loom(["run", "--json"]).stdout.trimEnd().split("\n");
    expect(JSON.parse(lines.at(-2) ?? "")).toEqual({
      event: "explanation",
      explanation: JSON.parse(project.loom(["explain", "--json"]).stdout) as unknown,
    });
    expect(project.loom(["run", "--json", "--job", "install"]).stdout).not.toContain('"explanation"');
  });

  test("runs one job and what it needs with --job, and leaves the rest out", () => {
    const project = makeProject({ folder });
    expect(project.loom(["run", "--job", "unit", "-q"]).exitCode).toBe(0);
    const { jobs } = project.lastRun().pipelineManifest;
    expect(jobs.filter(({ status }) => status === "success").map(({ job_id }) => job_id)).toEqual([
      "install",
      "unit",
    ]);
    expect(new Set(jobs.filter(({ status }) => status === "skipped").map((job) => job.skip_reason))).toEqual(
      new Set(["not_selected"]),
    );
  });

  test("gives --var the last word over the workflow's variables", () => {
    const project = makeProject({ folder });
    project.loom(["run", "--job", "install", "--var", "GREETING=good morning"]);
    const [, line] = project.lastRun().events("jobs/install/user/execution/script/01/events.jsonl");
    expect(line).toMatchObject({ text: "good morning from install in prepare" });
  });

  test("prefixes every line with its job with --stream", () => {
    const project = makeProject({ folder });
    const { stdout } = project.loom(["run", "--stream", "--job", "unit"]);
    expect(stdout).toMatch(/^unit\s*│ tested$/mu);
  });

  test("prints the status, what failed and the receipt only with --quiet", () => {
    const project = makeProject({ folder });
    const { stdout } = project.loom(["run", "--quiet"]);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual(["failure", "failed:", "receipt:"]);
  });

  test("keeps its evidence to its owner, out of version control", () => {
    const project = makeProject({ folder });
    project.loom(["run", "-q"]);
    const runtime = join(project.root, ".loom/.runtime");
    expect(readFileSync(join(runtime, ".gitignore"), "utf8")).toBe("*\n");
    expect(statSync(runtime).mode & 0o777).toBe(0o700);
    const streams = readdirSync(project.lastRun().directory, { recursive: true, encoding: "utf8" });
    for (const stream of streams.filter((path) => path.endsWith(".jsonl"))) {
      expect(statSync(join(project.lastRun().directory, stream)).mode & 0o777).toBe(0o600);
    }
  });

  test("succeeds when every job is skipped by its own condition", () => {
    const workflow =
      "version: v1\nstages: [a]\nrescue:\n  stage: a\n  when: on_failure\n  script: [exit 1]\n";
    const project = makeProject({ workflow });
    expect(project.loom(["run"]).exitCode).toBe(0);
    expect(project.lastRun().jobManifest("rescue")).toMatchObject({ skip_reason: "condition_not_met" });
  });

  test("ends what a job left running, wherever it went, and names it", () => {
    const left = "sh -c 'setsid sleep 4321 >/dev/null 2>&1 &'; sleep 4321 & echo started";
    const project = makeProject({
      workflow: `version: v1\nstages: [a]\nj:\n  stage: a\n  script: ["${left}"]\n`,
    });
    expect(project.loom(["run"]).exitCode).toBe(0);
    const { events, receipt } = project.lastRun();
    const notes = events("jobs/j/system/cleanup/events.jsonl").filter(({ event }) => event === "log");
    expect(JSON.stringify(notes)).toContain("sleep 4321");
    expect(processesOf(receipt.run_id)).toEqual([]);
  });

  test("shows a prompt while it waits, and counts the line that came in pieces as one", () => {
    const script = "printf 'Continue? '; sleep 0.6; echo yes";
    const project = makeProject({
      workflow: `version: v1\nstages: [a]\nj:\n  stage: a\n  script: ["${script}"]\n`,
    });
    project.loom(["run"]);
    const { events, jobManifest } = project.lastRun();
    const pieces = events("jobs/j/user/execution/script/01/events.jsonl").filter(
      ({ event }) => event === "output",
    );
    expect(pieces).toMatchObject([{ text: "Continue? ", partial: true }, { text: "yes" }]);
    expect(jobManifest("j").steps).toMatchObject([{ output_lines: 1 }]);
  });

  test("says plainly that no rule lets the pipeline run, and succeeds", () => {
    const rules = "workflow:\n  rules:\n    - if: $NOPE\n";
    const project = makeProject({
      workflow: `version: v1\nstages: [a]\n${rules}j:\n  stage: a\n  script: [exit 1]\n`,
    });
    const { exitCode, stdout } = project.loom(["run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("The pipeline does not run: no rule of the workflow lets it");
    expect(project.lastRun().receipt.status).toBe("success");
  });

  test("judges at its end what loom verify judges later: the same streams, records and bytes", () => {
    const project = makeProject({ folder });
    project.loom(["run"]);
    const { directory, receipt } = project.lastRun();
    const live = JSON.parse(readFileSync(join(directory, "phase-report.json"), "utf8")) as {
      checked_at: string;
    };
    const later = JSON.parse(project.loom(["verify", receipt.run_id, "--json"]).stdout) as {
      checked_at: string;
    };
    expect({ ...live, checked_at: "" }).toEqual({ ...later, checked_at: "" });
  });

  test("does not run a job that asks for services and has no image to reach them from", () => {
    const workflow = "version: v1\nstages: [a]\nj:\n  stage: a\n  services: [redis]\n  script: [touch ran]\n";
    const project = makeProject({ workflow });
    expect(project.loom(["run"]).exitCode).toBe(1);
    const { jobManifest, pipelineSummary, receipt } = project.lastRun();
    expect(pipelineSummary.error).toMatchObject({ code: "provider_unavailable", job_id: "j" });
    expect(jobManifest("j")).toMatchObject({ failing_section: "provider", steps: [{ status: "skipped" }] });
    expect(existsSync(join(project.root, "ran"))).toBe(false);
    expect(project.verdict(receipt.run_id)).toBe("valid");
  });

  test("closes a run whose workflow does not compile, with every document", () => {
    const project = makeProject({
      workflow: "version: v1\nstages: [a]\nj:\n  stage: a\n  script: npm test\n",
    });
    const { exitCode, stdout } = project.loom(["run"]);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(
      ".loom/workflow.yml:5:11 WF_SCHEMA_V1 /j/script: make script a list of commands",
    );
    const { pipelineSummary, receipt, events } = project.lastRun();
    expect(pipelineSummary).toMatchObject({ status: "failure", error: { code: "WF_SCHEMA_V1" } });
    expect(events("pipeline/events.jsonl").at(-1)).toMatchObject({
      phase_code: "pipeline.execute",
      status: "skipped",
    });
    expect(project.verdict(receipt.run_id)).toBe("valid");
  });
});

describe("loom with wrong input", () => {
  test.each([
    [["run", "--workflow", "none.yml"], 'Cannot read workflow "none.yml": there is no such file'],
    [["run", "--nope"], "unknown option '--nope'"],
    [["rnu"], "(Did you mean run?)"],
    [["run", "-j", "0"], "whole number of at least 1"],
    [["run", "--var", "lower=1"], "NAME=VALUE"],
    [["run", "--tui"], "stdout is not a terminal"],
    [["run", "--job", "nobody"], 'Cannot run job "nobody": the workflow has no such job'],
    [["verify", "nowhere"], "nowhere"],
  ])("%j says what is wrong and exits with 2", (args, message) => {
    const { exitCode, stderr } = makeProject({ folder }).loom(args);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /mu);
    expect(exitCode).toBe(2);
  });

  test("check reports every problem on stderr and leaves a receipt", () => {
    const project = makeProject({ workflow: "version: v1\nstages: [a]\nj:\n  stage: b\n  script: no\n" });
    const { exitCode, stdout, stderr } = project.loom(["check"]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    const [, path = ""] = /^receipt: (.*)$/mu.exec(stderr) ?? [];
    const receipt = JSON.parse(readFileSync(path, "utf8")) as {
      kind: string;
      workflow_schema_v1: { errors: object[] };
    };
    expect(receipt).toMatchObject({ kind: "loom-check", status: "failure", exit_code: 1 });
    expect(receipt.workflow_schema_v1.errors).toHaveLength(2);
  });
});
