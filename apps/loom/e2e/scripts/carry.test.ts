import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

const HEAD = "version: v1\nstages: [a]\n";

/** The modes of a run's private folders and of what is in them, for each that is there. */
function privateFolders(runId: string): readonly (readonly string[])[] {
  const names = readdirSync("/dev/shm").filter((name) => name.startsWith(`loom-secrets-${runId}-`));
  return names.map((name) => modesIn(join("/dev/shm", name)));
}

function modesIn(folder: string): readonly string[] {
  const paths = [
    folder,
    ...readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
  ];
  return paths.map((path) => (statSync(path).mode & 0o777).toString(8));
}

test("what a step leaves in its shell is carried through all parts of a job, and no further", () => {
  const project = makeProject({
    workflow: `${HEAD}
default: {carry: [cwd, env]}
j:
  stage: a
  variables: {COLOUR: red}
  before_script: [mkdir -p web && cd web && export TOOL=hammer]
  script:
    - echo "$TOOL in $(basename "$PWD")"
    - {run: 'echo "$COLOUR of a step in $(basename "$PWD")"', variables: {COLOUR: own}, dir: .}
    - {run: 'export FROM_BASH=1; [[ $COLOUR == red ]] && echo "bash in $(basename "$PWD")"', shell: bash}
    - export COLOUR=blue; cd ..; exit 3
  after_script: ['echo "after: $COLOUR $TOOL $FROM_BASH $LOOM_STEP"; test -d web && echo above']
k: {stage: a, script: ['echo "k: \${TOOL:-none}"']}
`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/│ hammer in web\n/u);
  expect(stdout).toMatch(/│ own of a step in (?!web)/u);
  expect(stdout).toMatch(/│ bash in web\n/u);
  expect(stdout).toMatch(/│ after: blue hammer 1 6\n/u);
  expect(stdout).toMatch(/│ above\n/u);
  expect(stdout).toMatch(/│ k: none\n/u);
  expect(project.lastRun().jobManifest("j")).toMatchObject({ status: "failed", failing_step: 5 });
  expect(project.verdict()).toBe("valid");
});

test("another attempt starts afresh, and a secret that is carried is hidden", () => {
  const project = makeProject({
    workflow: `${HEAD}
j:
  stage: a
  carry: [env]
  retry: 1
  secrets: {TOKEN: {ref: "env://LOOM_E2E_TOKEN", file: false}}
  script:
    - 'echo "left: \${LEFT:-none}"'
    - export LEFT=1 COPY="$TOKEN"
    - 'echo "copy: $COPY"; exit 1'
`,
  });
  const { stdout } = project.loom(["run", "--stream"], { LOOM_E2E_TOKEN: "s3cret-value" });
  expect(stdout.match(/│ left: none\n/gu)).toHaveLength(2);
  expect(stdout.match(/│ copy: \[/gu) ?? stdout).toHaveLength(2);
  expect(stdout).not.toContain("s3cret-value");
});

test("a folder that is gone is said plainly, and check refuses another shell", () => {
  const project = makeProject({
    workflow: `${HEAD}j: {stage: a, carry: [cwd], script: [mkdir gone && cd gone && rmdir ../gone, echo never]}\n`,
  });
  const { exitCode, stdout } = project.loom(["run", "--stream"]);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/There is no folder .*\/gone any more, in which an earlier step ended/u);
  expect(stdout).not.toMatch(/│ never\n/u);
  const other = makeProject({
    workflow: `${HEAD}j: {stage: a, carry: [cwd], shell: [python3, -c], script: [print(1)]}\n`,
  });
  const checked = other.loom(["check"]);
  expect(checked.exitCode).toBe(1);
  expect(checked.stdout + checked.stderr).toContain("set shell to sh or bash, or leave carry out");
});

test.skipIf(!existsSync("/dev/shm"))(
  "what is carried is for its user alone, and removed after a kill, too",
  async () => {
    const project = makeProject({
      workflow: `${HEAD}j: {stage: a, carry: [env], script: [export A=1, echo ready; sleep 1000]}\n`,
    });
    const run = project.start(["run", "--stream"]);
    await run.said("ready");
    const [runId = ""] = readdirSync(join(project.root, ".loom/.runtime/logs"));
    // The folder, the one with the state in it, what both steps started from, what the first one left, and that this is whole.
    expect(privateFolders(runId)).toEqual([["700", "700", "600", "600", "600", "600"]]);
    run.process.kill("SIGKILL");
    await run.ended;
    await expect.poll(() => privateFolders(runId), { timeout: 30_000 }).toEqual([]);
  },
);
