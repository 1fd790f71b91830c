import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

test("exit codes say which failures are tolerated, and for which a job is tried again", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a, b]
tolerated: {stage: a, allow_failure: {exit_codes: [3]}, script: [exit 3]}
again: {stage: a, retry: {max: 2, exit_codes: [75]}, script: ['test -e tried && exit 0; touch tried; exit 75']}
after: {stage: b, script: [echo after]}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/after *│ after/u);
  const { pipelineManifest } = project.lastRun();
  expect(pipelineManifest.jobs.map((job) => [job.job_id, job.status, job.blocking])).toEqual([
    ["tolerated", "failed", false],
    ["again", "success", true],
    ["after", "success", true],
  ]);
  expect(project.verdict()).toBe("valid");
  const other = makeProject({
    workflow: `version: v1
stages: [a, b]
blocking: {stage: a, allow_failure: {exit_codes: [3]}, retry: {max: 2, exit_codes: [75]}, script: [exit 4]}
after: {stage: b, script: [echo after]}
`,
  });
  expect(other.loom(["run", "-q"]).exitCode).toBe(1);
  expect(other.lastRun().jobManifest("after")).toMatchObject({ status: "skipped", blocked_by: ["blocking"] });
  expect(other.verdict()).toBe("valid");
  expect(other.loom(["explain"]).stdout).toContain("exit 4");
});
