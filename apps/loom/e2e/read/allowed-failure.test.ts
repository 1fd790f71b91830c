import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

describe("a failure that is allowed", () => {
  test("gives its reason under the headline of a success, and when it is asked for", () => {
    const project = makeProject({
      workflow: `version: v1
stages: [a]
bits-32: {stage: a, allow_failure: true, script: ["echo 'a.c:1:2: error: no such type' >&2; exit 2"]}
unit: {stage: a, script: ["true"]}
`,
    });
    const run = project.loom(["run"]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toMatch(/failed \(allowed\): bits-32 › 01 .*\n {2}a\.c:1:2: error: no such type/u);
    const { stdout } = project.loom(["explain", "--job", "bits-32"]);
    expect(stdout).toMatch(/^"bits-32" started after .* and failed after/u);
    expect(stdout).toMatch(/a\.c:1:2 no such type \(gcc\)/u);
    expect(JSON.parse(project.loom(["explain", "--job", "bits-32", "--json"]).stdout)).toMatchObject({
      kind: "loom-job-explanation",
      failure: { job_id: "bits-32", exit_code: 2 },
      errors: [{ file: "a.c", line: 1 }],
    });
  });
});

describe("durations on the command line", () => {
  test.each([
    ["500ms", 0],
    ["1m30s", 0],
    ["10", 0],
    ["1s1s1h", 2],
    ["600h", 2],
    ["soon", 2],
  ])("--grace %s ends with %i", (text, exitCode) => {
    const project = makeProject({ workflow: "version: v1\nstages: [a]\nj: {stage: a, script: [echo a]}\n" });
    expect(project.loom(["run", "--grace", text]).exitCode).toBe(exitCode);
  });
});

describe("a second run in the same folder", () => {
  test("says that the first one is there", async () => {
    const project = makeProject({
      workflow: `version: v1
stages: [a]
wait: {stage: a, script: ["echo up; until [ -e go ]; do sleep 0.05; done"]}
go: {stage: a, script: [touch go]}
`,
    });
    const first = project.start(["run", "--stream", "--job", "wait"]);
    await first.said("up");
    const second = project.loom(["run", "--job", "go"]);
    expect(second.stderr).toMatch(
      /^loom: run loom-run-local-\d+ \(process \d+\) is running in this folder: /u,
    );
    expect((await first.ended).stderr).toBe("");
  });
});
