import { expect, test } from "vitest";
import { makeProject, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [test, pack]
variables: {NODE: none}
unit:
  stage: test
  matrix: [{NODE: ["22", "24"], DB: [pg, sqlite]}]
  script: ['echo "node $NODE with $DB"', 'test "$NODE" = 24 || test "$DB" = pg']
lint: {stage: test, script: ['echo "lint $NODE"']}
pack: {stage: pack, needs: [unit], script: [echo packed]}
`;

/** How each job of the last run ended: its status, or why it was skipped. */
function ends(project: Project): Readonly<Record<string, string>> {
  const { pipelineManifest } = project.lastRun();
  return Object.fromEntries(pipelineManifest.jobs.map((job) => [job.job_id, job.skip_reason ?? job.status]));
}

test("a matrix runs a job once for each combination of values, and its name means all of them", () => {
  const project = makeProject({ workflow: WORKFLOW });
  const ran = project.loom(["run", "--stream"]);
  expect(ran.exitCode).toBe(1);
  expect(ran.stdout).toMatch(/unit-24-sqlite *│ node 24 with sqlite/u);
  expect(ran.stdout).toMatch(/lint *│ lint none/u);
  expect(ends(project)).toEqual({
    "unit-22-pg": "success",
    "unit-22-sqlite": "failed",
    "unit-24-pg": "success",
    "unit-24-sqlite": "success",
    lint: "success",
    pack: "upstream_failed",
  });
  expect(project.verdict()).toBe("valid");

  const explained = project.loom(["explain", "unit"]);
  expect(explained.stdout.match(/^"unit-\d\d-\w+" started/gmu)).toHaveLength(4);
  expect(explained.stdout).toContain("/jobs/unit-22-sqlite/user/execution/script/02/events.jsonl");
  expect(project.loom(["explain", "--job", "unit-24-pg"]).stdout).toMatch(/^"unit-24-pg" started[^\n]*\n$/u);
  expect(JSON.parse(project.loom(["explain", "--job", "unit", "--json"]).stdout)).toMatchObject({
    kind: "loom-job-explanations",
    job: "unit",
    jobs: [
      { job_id: "unit-22-pg" },
      { job_id: "unit-22-sqlite", failure: { exit_code: 1 } },
      { job_id: "unit-24-pg" },
      { job_id: "unit-24-sqlite" },
    ],
  });
  expect(project.loom(["logs", "unit"]).stderr).toContain(
    "its matrix makes several jobs, so name one: unit-22-pg, unit-22-sqlite, unit-24-pg, unit-24-sqlite",
  );
});

test("the name of a job with a matrix asks for all of its jobs, and the id of one for that", () => {
  const project = makeProject({ workflow: WORKFLOW });
  expect(project.loom(["run", "-q", "--job", "unit"]).exitCode).toBe(1);
  expect(ends(project)).toMatchObject({ "unit-22-pg": "success", "unit-24-sqlite": "success" });
  expect(ends(project)).toMatchObject({ lint: "not_selected", pack: "not_selected" });
  expect(project.loom(["run", "-q", "--job", "unit-24-pg"]).exitCode).toBe(0);
  expect(ends(project)).toMatchObject({ "unit-22-pg": "not_selected", "unit-24-pg": "success" });
  const unknown = project.loom(["run", "--job", "unti"]);
  expect(unknown).toMatchObject({ exitCode: 2 });
  expect(unknown.stderr).toContain("Did you mean unit?");
  expect(project.loom(["compile", "--format", "tree"]).stdout).toContain(
    "├─ unit · 4 jobs · 2 steps · on host\n│  ├─ unit-22-pg · NODE=22 · DB=pg\n",
  );
});

test("a manual matrix is played by its name", () => {
  const workflow = WORKFLOW.replace("script: ['echo \"node", "when: manual\n  script: ['echo \"node");
  const project = makeProject({ workflow });
  expect(project.loom(["run", "-q"]).exitCode).toBe(0);
  expect(ends(project)).toMatchObject({ "unit-22-sqlite": "manual", lint: "success", pack: "manual" });
  expect(project.loom(["run", "-q", "--play", "unit"]).exitCode).toBe(1);
  expect(ends(project)).toMatchObject({ "unit-22-sqlite": "failed", lint: "success" });
});
