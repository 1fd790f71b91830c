import { describe, expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

/** Fails on every third run. The counter lies outside of the project, as what makes a job flaky does. */
function flakyProject(): { readonly project: Project; readonly env: Record<string, string> } {
  const { env, cache } = snapshots();
  const counter = `${cache}/counter`;
  const step = `echo x >> ${counter}; test $(($(wc -l < ${counter}) % 3)) != 0`;
  const project = makeProject({
    workflow: `version: v1
stages: [a]
unit: {stage: a, script: ["${step}"]}
lint: {stage: a, script: ["true"]}
`,
  });
  return { project, env };
}

describe("loom flaky", () => {
  test("lists the jobs that both passed and failed on the same files", () => {
    const { project, env } = flakyProject();
    expect(project.loom(["flaky"]).stderr).toContain("There are no runs here yet");
    project.loom(["run", "-q"], env);
    expect(project.loom(["flaky"]).stdout).toBe(
      "No job both passed and failed on the same files, in 1 run\n",
    );
    for (let run = 2; run <= 6; run += 1) project.loom(["run", "-q"], env);
    expect(project.loom(["flaky"]).stdout).toMatch(
      /^unit {3}33 % {2}failed 2 of 6 {2}last in loom-run-local-\d+\n$/u,
    );
    expect(JSON.parse(project.loom(["flaky", "--json"]).stdout)).toMatchObject({
      schema_version: "v1",
      kind: "loom-flaky",
      runs: 6,
      unknown_trees: 0,
      jobs: [{ job_id: "unit", passed: 4, failed: 2, trees: 1 }],
    });
  });

  test("measures a job by running it, each try a run with its evidence", () => {
    const { project, env } = flakyProject();
    const measured = project.loom(["flaky", "--rerun", "unit", "-n", "6"], env);
    expect(measured.exitCode).toBe(1);
    expect(measured.stdout).toMatch(
      /^unit failed 2 of 6, 33 %; loom explain loom-run-local-\d+ tells why\n$/u,
    );
    expect(measured.stderr.match(/^\d of 6: (?:success|failure)/gmu)).toHaveLength(6);
    expect(project.verdict()).toBe("valid");
    expect(project.loom(["flaky", "--rerun", "unti"], env)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("unit") as string,
    });
  });
});
