import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openRun } from "@loom/artifacts";
import { explainRun, readLog, readPastRuns, readTimeline } from "@loom/diagnosis";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

/** Runs that this and earlier versions wrote: `node tooling/scripts/record-golden.mjs`. */
const GOLDEN = join(import.meta.dirname, "../fixtures/golden");

const KINDS = ["success", "failure", "invalid-workflow", "cancelled", "killed", "recovered"] as const;

/** How each kind ended, as everybody has to read it. */
const OUTCOMES: { readonly [K in (typeof KINDS)[number]]: string } = {
  success: "success",
  failure: "failure",
  "invalid-workflow": "failure",
  cancelled: "cancelled",
  killed: "interrupted",
  recovered: "interrupted",
};

describe.each(readdirSync(GOLDEN))("runs that version %s wrote", (version) => {
  test.each(KINDS)("%s: every reader reads it as it was", async (kind) => {
    const root = temporaryDirectory();
    cpSync(join(GOLDEN, version, kind), join(root, ".loom/.runtime"), { recursive: true });
    const listed = await readPastRuns(root);
    const [past] = listed.ok ? listed.value : [];
    const run = await openRun(past?.directory ?? "");
    if (past === undefined || !run.ok) throw new Error("The run cannot be opened");
    expect(past.status).toBe(OUTCOMES[kind]);
    const report = judgeRunDirectory(run.value.directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
    if (!report.ok) throw new Error(report.error.message);
    const explained = await explainRun(run.value, { isAlive: false });
    if (!explained.ok) throw new Error(explained.error.message);
    expect(explained.value.outcome).toBe(OUTCOMES[kind]);
    const { run_dir: _place, ...explanation } = explained.value;
    const timeline = await readTimeline(run.value);
    const log = await readLog(run.value);
    const lines: string[] = [];
    if (log.ok) for await (const { text } of log.value) lines.push(text);
    expect({
      verdict: report.value.status,
      violations: report.value.violations.map(({ code }) => code),
      failedJobs: past.failedJobs,
      jobs: timeline.ok ? timeline.value.jobs.map(({ jobId, status }) => `${jobId} ${status}`) : [],
      lines,
      explanation,
    }).toMatchSnapshot();
  });

  test("the commands read them, and a run that was killed can still be closed", () => {
    const project = makeProject({ workflow: "version: v1\nstages: [a]\none: {stage: a, script: [x]}\n" });
    for (const kind of KINDS)
      cpSync(join(GOLDEN, version, kind), join(project.root, ".loom/.runtime"), { recursive: true });
    const statuses = [...project.loom(["runs"]).stdout.matchAll(/Z {2}(\w+)/gu)].map(
      ([, status = ""]) => status,
    );
    expect(statuses.toSorted()).toEqual(Object.values(OUTCOMES).toSorted());
    const [killed] = readdirSync(join(GOLDEN, version, "killed/logs"));
    expect(project.loom(["recover", "--force", killed ?? ""]).stdout).toContain("recovered (valid)");
    for (const kind of KINDS) {
      const [id] = readdirSync(join(GOLDEN, version, kind, "logs"));
      const exitCodes = ["show", "explain", "logs", "verify"].map(
        (command) => project.loom([command, id ?? ""]).exitCode,
      );
      expect({ kind, exitCodes }).toEqual({ kind, exitCodes: [0, 0, 0, 0] });
    }
  });
});
