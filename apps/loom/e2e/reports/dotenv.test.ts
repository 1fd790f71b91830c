import { expect, test } from "vitest";
import { makeProject, snapshots } from "../project.ts";

const WORKFLOW = `version: v1
stages: [build, test, pack]
variables: {SET: workflow}
describe:
  stage: build
  script:
    - 'printf "VERSION=1.2\\nSET=report\\nSHOWN=\\$HOME and more\\nCI_JOB_STAGE=report\\nnot one\\n" > build.env'
  artifacts: {reports: {dotenv: build.env}}
lone: {stage: build, script: ['true']}
unit:
  stage: test
  script: ['echo "unit $VERSION, $SET, $SHOWN, $CI_JOB_STAGE, $NAMED"', 'echo VERSION=2 > unit.env', exit 1]
  variables: {NAMED: "app-$VERSION"}
  allow_failure: true
  artifacts: {reports: {dotenv: unit.env}}
apart:
  stage: test
  needs: [lone]
  script: ['echo "apart [$VERSION]"']
own:
  stage: pack
  needs: [describe]
  workspace: own
  script: ['echo "own $VERSION"', 'echo done > "app-$VERSION.txt"']
  artifacts: {paths: ["app-$VERSION.txt"]}
last:
  stage: pack
  script: ['echo "last $VERSION"']
nothing:
  stage: pack
  script: ['true']
  artifacts: {reports: {dotenv: nothing.env}}
`;

test("a job passes variables on to the jobs that need it, or to all later stages", () => {
  const project = makeProject({ workflow: WORKFLOW });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain("│ unit 1.2, workflow, $HOME and more, test, app-1.2\n");
  expect(stdout).toContain("│ apart []\n");
  expect(stdout).toContain("│ own 1.2\n");
  // The later job counts, whatever became of it.
  expect(stdout).toContain("│ last 2\n");
  expect(stdout).toContain('Not NAME=value in "build.env", and left out: line 5');
  expect(stdout).toContain('"nothing.env" of the artifacts matches nothing');
  const { files } = project.lastRun().jobManifest("own").artifacts ?? {};
  expect(files).toMatchObject([{ path: "app-1.2.txt" }]);
  expect(project.verdict()).toBe("valid");
});

test("a job that runs again gets the variables of the run that it continues", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [build, test]
describe: {stage: build, script: ['echo VERSION=1.2 > build.env'], artifacts: {reports: {dotenv: build.env}}}
unit: {stage: test, script: ['echo "unit $VERSION"', 'test -n "$FIXED"']}
`,
  });
  const { env } = snapshots();
  expect(project.loom(["run", "-q"], env).exitCode).toBe(1);
  const again = project.loom(["run", "--stream", "--retry-failed"], { ...env, FIXED: "1" });
  expect(again.stdout).toContain("│ unit 1.2\n");
  expect(again.exitCode).toBe(0);
});
