import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

const HEAD = `version: v1
stages: [a]
default:
  before_script: [echo set up]
  after_script: ['echo "after: $LOOM_JOB_STATUS $CI_JOB_STATUS"', exit 9, echo last]
`;

test("before_script runs first, and after_script whatever happened, without changing the result", () => {
  const project = makeProject({
    workflow: `${HEAD}
good: {stage: a, script: [echo work]}
bad: {stage: a, allow_failure: true, script: [exit 3, echo never]}
plain: {stage: a, before_script: [], after_script: null, script: [echo plain]}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/good *│ set up\n/u);
  expect(stdout).toMatch(/good *│ after: success success\n/u);
  expect(stdout).toMatch(/good *│ last\n/u);
  expect(stdout).toMatch(/bad *│ after: failed failed\n/u);
  expect(stdout).toMatch(
    /warn .*Job "good": step 4, of after_script, ended with exit code 9; that does not change/u,
  );
  expect(stdout).not.toMatch(/│ never/u);
  const { jobManifest } = project.lastRun();
  expect(jobManifest("good").steps.map(({ step, part, status }) => [step, part, status])).toEqual([
    [1, "before", "success"],
    [2, "script", "success"],
    [3, "after", "success"],
    [4, "after", "failed"],
    [5, "after", "success"],
  ]);
  expect(jobManifest("good")).not.toHaveProperty("failing_step");
  expect(jobManifest("bad")).toMatchObject({ status: "failed", failing_step: 2 });
  expect(jobManifest("plain").steps).toMatchObject([{ step: 1, command: "echo plain" }]);
  expect(project.verdict()).toBe("valid");
  const explained = project.loom(["explain", "bad", "--json"]).stdout;
  expect(JSON.parse(explained)).toMatchObject({ failure: { step: 2, command: "exit 3" } });
  expect(project.loom(["logs", "good"]).stdout).toContain("after: success success");
});

test("after_script runs within the grace when the run is cancelled or the job takes too long", async () => {
  const project = makeProject({
    workflow: `${HEAD}
hangs: {stage: a, timeout: 1s, script: [sleep 1000]}
`,
  });
  expect(project.loom(["run", "--stream", "--grace", "2s"]).stdout).toMatch(
    /hangs *│ after: failed failed\n/u,
  );
  expect(project.lastRun().jobManifest("hangs")).toMatchObject({ status: "failed", failing_step: 2 });
  const other = makeProject({
    workflow: `${HEAD}
works: {stage: a, script: ["echo on; sleep 1000"]}
stays: {stage: a, script: ["sleep 1000"], after_script: ["sleep 1000"]}
`,
  });
  const run = other.start(["run", "--stream", "-j", "2", "--grace", "1s"]);
  await run.said("on\n");
  run.process.kill("SIGINT");
  const { exitCode, stdout } = await run.ended;
  expect(exitCode).toBe(130);
  expect(stdout).toMatch(/works *│ after: cancelled canceled\n/u);
  expect(other.lastRun().jobManifest("stays").steps.at(-1)).toMatchObject({
    part: "after",
    status: "failed",
  });
  expect(other.verdict()).toBe("valid");
});

test("a run whose loom was killed is closed without steps that never ran", async () => {
  const project = makeProject({ workflow: `${HEAD}\nj: {stage: a, script: ["echo on; sleep 1000"]}\n` });
  const run = project.start(["run", "--stream"]);
  await run.said("on\n");
  run.process.kill("SIGKILL");
  await run.ended;
  for (let time = 1; time <= 2; time += 1) expect(project.loom(["recover", "last"]).exitCode).toBe(0);
  expect(
    project
      .lastRun()
      .jobManifest("j")
      .steps.map(({ status }) => status),
  ).toEqual(["success", "cancelled", "skipped", "skipped", "skipped"]);
  expect(project.verdict()).toBe("valid");
});
