import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

const HEAD = "version: v1\nstages: [a]\n";

test("a step in long form has a folder, variables and a shell of its own, and its name is in the evidence", () => {
  const project = makeProject({
    workflow: `${HEAD}
variables: {GREETING: hello, WEB: web}
j:
  stage: a
  before_script: [mkdir -p web/src]
  script:
    - run: echo "$GREETING, $NAME in $(basename "$PWD")"
      name: Greets
      dir: $WEB/src
      variables: {GREETING: "$GREETING there", NAME: step}
    - echo "$GREETING\${NAME} in $(basename "$PWD")" | sed "s/in .*/again/"
    - {run: '[[ x == x ]] && echo "bash runs this"', shell: bash}
  after_script:
    - {run: "basename $PWD", name: Cleans up, dir: web}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(stdout).toMatch(/│ hello there, step in src\n/u);
  expect(stdout).toMatch(/│ hello again\n/u);
  expect(stdout).toMatch(/│ bash runs this\n/u);
  expect(stdout).toMatch(/│ web\n/u);
  expect(exitCode).toBe(0);
  expect(project.lastRun().jobManifest("j").steps).toMatchObject([
    { step: 1 },
    { step: 2, part: "script", name: "Greets" },
    { step: 3 },
    { step: 4, command: '[[ x == x ]] && echo "bash runs this"' },
    { step: 5, part: "after", name: "Cleans up" },
  ]);
  expect(project.verdict()).toBe("valid");
});

test("a step over its own limit fails the job, whose after_script has its time", () => {
  const project = makeProject({
    workflow: `${HEAD}
j:
  stage: a
  timeout: 10m
  script: [{run: "echo on; sleep 1000", timeout: 500ms}, echo never]
  after_script: [sleep 1 && echo tidied]
k: {stage: a, script: [echo good], after_script: [{run: sleep 1000, timeout: 500ms}]}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream", "--grace", "2s"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/│ tidied\n/u);
  expect(stdout).toContain("Step 1 ran longer than its limit of 0.5 s");
  expect(stdout).not.toMatch(/│ never\n/u);
  expect(project.lastRun().jobManifest("j")).toMatchObject({
    status: "failed",
    failing_step: 1,
    steps: [{ status: "failed" }, { status: "skipped" }, { status: "success" }],
  });
  expect(project.loom(["explain"]).stdout).toContain("Step 1 ran longer than its limit of 0.5 s");
  expect(project.loom(["explain", "--job", "j"]).stdout).toContain(
    "Step 1 ran longer than its limit of 0.5 s",
  );
  expect(JSON.parse(project.loom(["explain", "--json"]).stdout)).toMatchObject({
    failure: { job_id: "j", step: 1, limit: { of: "step", ms: 500 } },
  });
  expect(project.lastRun().jobManifest("k")).toMatchObject({
    status: "success",
    steps: [{ status: "success" }, { status: "failed" }],
  });
  expect(project.verdict()).toBe("valid");
});

test("a folder that is not there and a shell that is not there are said plainly", () => {
  const project = makeProject({
    workflow: `${HEAD}
folder: {stage: a, script: [{run: echo never, dir: missing}]}
shell: {stage: a, script: [echo first, {run: x, shell: [no-such-shell]}]}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/There is no folder .*missing, which the step names as its dir/u);
  expect(stdout).toMatch(/There is no executable "no-such-shell".*, which step 2 names as its shell/u);
  expect(stdout).not.toMatch(/│ never\n/u);
  expect(project.verdict()).toBe("valid");
});

test("a step without its condition is skipped, and one that may fail does not end the job", () => {
  const project = makeProject({
    workflow: `${HEAD}
j:
  stage: a
  variables: {MODE: fast}
  script:
    - {run: echo slow, if: '$MODE == "slow"'}
    - {run: echo fast, if: '$MODE == "fast"'}
    - {run: exit 3, allow_failure: {exit_codes: [3]}}
    - {run: sleep 1000, timeout: 300ms, allow_failure: true}
    - echo goes on
    - {run: exit 4, allow_failure: {exit_codes: [3]}, if: $FAIL}
none: {stage: a, script: [{run: echo never, if: $NOTHING}], after_script: ['echo "after $LOOM_JOB_STATUS"']}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream", "--grace", "1s"]);
  expect(stdout).toMatch(/│ goes on\n/u);
  expect(stdout).toMatch(/│ after success\n/u);
  expect(stdout).not.toMatch(/│ (?:slow|never)\n/u);
  expect(exitCode).toBe(0);
  const { steps } = project.lastRun().jobManifest("j");
  expect(steps).toMatchObject([
    { status: "skipped", skip_reason: "condition_not_met" },
    { status: "success" },
    { status: "failed", tolerated: true, exit_code: 3 },
    { status: "failed", tolerated: true },
    { status: "success" },
    { status: "skipped", skip_reason: "condition_not_met" },
  ]);
  expect(project.verdict()).toBe("valid");
  const failed = project.loom(["run", "--stream", "--grace", "1s", "--var", "FAIL=1"]);
  expect(failed.exitCode).toBe(1);
  expect(failed.stdout).toContain("failed: j › 06 exit 4 (exit 4)");
  expect(project.lastRun().jobManifest("j")).toMatchObject({ status: "failed", failing_step: 6 });
  expect(project.verdict()).toBe("valid");
});

test("a failure is told of the step that decided it, whatever fails in after_script", () => {
  const project = makeProject({
    workflow: `${HEAD}
j: {stage: a, script: [{run: exit 3, name: Gives up}], after_script: [exit 4]}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--reporter", "plain", "--reporter", "junit=junit.xml"]);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("failed: j › 01 Gives up: exit 3 (exit 3)");
  expect(stdout).not.toContain("exit 4");
  expect(readFileSync(join(project.root, "junit.xml"), "utf8")).toContain('name="01 Gives up: exit 3"');
  expect(project.loom(["explain"]).stdout).toContain('Job "j" failed in step 1 of 2 (Gives up: exit 3)');
  expect(JSON.parse(project.loom(["explain", "--json"]).stdout)).toMatchObject({
    failure: { command: "exit 3", name: "Gives up" },
  });
  expect(project.verdict()).toBe("valid");
});
