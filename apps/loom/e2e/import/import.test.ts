import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeProject, type Project } from "../project.ts";

/** A repository with these files, and no workflow. */
function repository(files: Readonly<Record<string, string>>): Project {
  const project = makeProject({ workflow: "" });
  rmSync(join(project.root, ".loom"), { recursive: true });
  mkdirSync(join(project.root, ".git"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project.root, path)), { recursive: true });
    writeFileSync(join(project.root, path), text);
  }
  return project;
}

const GITLAB = `include: /ci/more.yml
test:unit:
  extends: .shared
  environment: nowhere
  script:
    - cd folder
    - export NEXT=one
    - test "$MODE$NEXT" = cione
    - test -f a
`;

const MORE = '.shared:\n  variables: { MODE: ci, "log.level": debug }\n';

test("loom import makes a workflow that runs, and says what is different", () => {
  const project = repository({ ".gitlab-ci.yml": GITLAB, "ci/more.yml": MORE, "folder/a": "" });
  const { exitCode, stdout, stderr } = project.loom(["import", ".gitlab-ci.yml"]);
  expect(stderr).toMatchInlineSnapshot(`
    ".gitlab-ci.yml:4: environment was not carried over: deployments are not tracked here
    ci/more.yml:2: variable log.level was left out: names are in capitals here; export it in the script
    "
  `);
  expect(stdout).toMatchInlineSnapshot(`
    "wrote  .loom/workflow.yml: 1 job; 2 lines say what is different
    next   loom check, then loom run
    "
  `);
  expect(exitCode).toBe(0);
  expect(project.loom(["check", "--strict"])).toMatchObject({ exitCode: 0 });
  expect(project.loom(["run", "-q", "--in-place"])).toMatchObject({ exitCode: 0 });

  const workflow = join(project.root, ".loom/workflow.yml");
  const before = readFileSync(workflow, "utf8");
  expect(before).toContain("carry: [cwd, env]");
  writeFileSync(workflow, "# mine\n");
  expect(project.loom(["import", ".gitlab-ci.yml"])).toEqual({
    exitCode: 2,
    stdout: "",
    stderr:
      'loom: Cannot write ".loom/workflow.yml": it is there already. Write over it with --force, or elsewhere with --out PATH\n',
  });
  expect(readFileSync(workflow, "utf8")).toBe("# mine\n");
  const forced = project.loom(["import", ".gitlab-ci.yml", "--force", "--json"]);
  expect(JSON.parse(forced.stdout)).toMatchObject({
    kind: "loom-import",
    from: "gitlab",
    jobs: ["test-unit"],
  });
  expect(readFileSync(workflow, "utf8")).toBe(before);
  expect(project.loom(["import", ".gitlab-ci.yml", "--out", "ci/loom.yml"])).toMatchObject({ exitCode: 0 });
  expect(readFileSync(join(project.root, "ci/loom.yml"), "utf8")).toBe(before);
});

test("loom import makes a workflow of one of GitHub Actions that runs", () => {
  const project = repository({
    ".github/workflows/ci.yml": `on: push
jobs:
  unit:
    strategy: { matrix: { mode: [a, b], os: [ubuntu-latest, windows-latest] } }
    runs-on: \${{ matrix.os }}
    steps:
      - uses: actions/checkout@v4
      - name: In its folder
        working-directory: folder
        env: { MODE: "\${{ matrix.mode }}" }
        run: |
          test -f a
          [[ $MODE == \${{ matrix.mode }} && '\${{ matrix.mode }}' == [ab] ]]
      - run: exit 1
        if: github.event_name == 'pull_request'
`,
    "folder/a": "",
  });
  const { exitCode, stdout, stderr } = project.loom(["import", ".github/workflows/ci.yml"]);
  expect({ exitCode, stdout, stderr }).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": ".github/workflows/ci.yml:1: on: a run starts when you start it, whatever has changed
    .github/workflows/ci.yml:5: strategy.matrix: what is for windows-latest was left out
    .github/workflows/ci.yml:14: the step was left out: it does not run for a push on Linux (github.event_name == 'pull_request')
    ",
      "stdout": "wrote  .loom/workflow.yml: 1 job; 3 lines say what is different
    next   loom check, then loom run
    ",
    }
  `);
  expect(project.loom(["check", "--strict"])).toMatchObject({ exitCode: 0 });
  expect(project.loom(["run", "-q", "--in-place"])).toMatchObject({ exitCode: 0 });
});

test("loom import reads nothing outside of the repository, and nothing that is no configuration", () => {
  const outside = repository({ "secret.yml": "secret: {script: [x]}\n" });
  const project = repository({
    "a.yml": "include: [/link.yml, /../secret.yml]\na: {script: [x]}\n",
    "b.yml": "- a\n",
    "c.yml": `a: ${"x".repeat(1_100_000)}\n`,
  });
  symlinkSync(join(outside.root, "secret.yml"), join(project.root, "link.yml"));
  const { exitCode, stderr } = project.loom(["import", "a.yml"]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr:
      "a.yml:1: include /link.yml: it leads out of the repository\na.yml:1: include /../secret.yml: only .yml and .yaml files of this repository are read\n",
  });
  const refused = (file: string) => {
    const ended = project.loom(["import", file, "--out", "new.yml"]);
    return `${ended.exitCode} ${ended.stderr}`;
  };
  expect(["b.yml", "c.yml", "d.yml", "."].map(refused)).toMatchInlineSnapshot(`
    [
      "1 loom: Cannot import "b.yml:1": it is neither a pipeline of GitLab nor a workflow of GitHub Actions
    ",
      "1 loom: Cannot read "c.yml": it is larger than 1048576 bytes
    ",
      "1 loom: Cannot read "d.yml": no such file or directory (ENOENT)
    ",
      "1 loom: Cannot read ".": it is a folder (EISDIR)
    ",
    ]
  `);
  expect(project.loom(["import"])).toMatchObject({ exitCode: 2 });
});

test("loom import prints the workflow to -, and what is different beside it", () => {
  const project = repository({ ".gitlab-ci.yml": GITLAB, "ci/more.yml": MORE, "folder/a": "" });
  const printed = project.loom(["import", ".gitlab-ci.yml", "--out", "-"]);
  expect(printed.stderr).toContain(".gitlab-ci.yml:4: environment was not carried over");
  expect(readdirSync(project.root).toSorted()).toEqual([".git", ".gitlab-ci.yml", "ci", "folder"]);
  project.loom(["import", ".gitlab-ci.yml", "--out", "workflow.yml"]);
  expect(printed.stdout).toBe(readFileSync(join(project.root, "workflow.yml"), "utf8"));
  expect(project.loom(["import", ".gitlab-ci.yml", "--out", "-", "--json"])).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: "loom: Cannot print both the workflow and JSON: leave out --json, or name a file with --out\n",
  });
});

/** What stands above the steps of a job in a workflow of GitHub Actions. */
const STEPS_OF_GITHUB = `on: push
jobs:
  unit:
    runs-on: ubuntu-latest
    steps:
`;

test("loom import puts in the steps of the repository's own actions", () => {
  const project = repository({
    ".github/workflows/ci.yml": `${STEPS_OF_GITHUB}      - uses: actions/checkout@v4
      - uses: ./.github/actions/greet
        with: { whom: you }
      - run: test "$(cat greeted)" = "hello you"
`,
    ".github/actions/greet/action.yml": `inputs:
  whom: { default: nobody }
  word: { default: hello }
runs:
  using: composite
  steps:
    - shell: bash
      run: echo "\${{ inputs.word }} \${{ inputs.whom }}" > greeted
`,
  });
  expect(project.loom(["import", ".github/workflows/ci.yml"])).toMatchObject({ exitCode: 0 });
  expect(project.loom(["run", "-q", "--in-place"])).toMatchObject({ exitCode: 0 });
});

test("steps of an imported workflow of GitHub Actions get what those before them have told", () => {
  const project = repository({
    ".github/workflows/ci.yml": `${STEPS_OF_GITHUB}      - id: pick
        run: |
          echo "MODE=fast and loose" >> $GITHUB_ENV
          mkdir -p tools
          printf '#!/bin/sh\\necho found\\n' > tools/tool
          chmod +x tools/tool
          echo "$PWD/tools" >> "$GITHUB_PATH"
          echo "the-version=1.2=3" >> $GITHUB_OUTPUT
      - run: test "$MODE" = "fast and loose"
      - run: test "$(tool)" = found
      - shell: python
        run: |
          import os
          with open(os.environ["GITHUB_ENV"], "a") as told: told.write("MODE=slow\\n")
      - run: test '\${{ steps.pick.outputs.the-version }}' = '1.2=3' && test "\${{ env.MODE }}" = slow
      - run: exit 1
        if: steps.pick.outputs.the-version == 'other' || env.MODE == 'fast'
`,
  });
  expect(project.loom(["import", ".github/workflows/ci.yml"])).toMatchObject({
    exitCode: 0,
    stderr: ".github/workflows/ci.yml:1: on: a run starts when you start it, whatever has changed\n",
  });
  expect(project.loom(["check", "--strict"])).toMatchObject({ exitCode: 0 });
  expect(project.loom(["run", "-q", "--in-place"])).toMatchObject({ exitCode: 0 });
});
