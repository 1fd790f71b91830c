import { expect, test } from "vitest";
import { jobVariables } from "./job-variables.ts";
import { predefinedVariables } from "./predefined-variables.ts";

const run = {
  runId: "run-1",
  pipelineId: "pipeline-1",
  workflowPath: ".loom/workflow.yml",
  projectDir: "/workspace",
};

test("predefinedVariables() names all it knows of a step", () => {
  const facts = {
    ...run,
    job: { id: "unit", stage: "test", target: "linux", image: "node:24", provider: "docker", step: 2 },
    commit: { sha: "0123456789abcdef", branch: "main", message: "Fix it\n" },
  } as const;
  expect(predefinedVariables(facts)).toMatchInlineSnapshot(`
    {
      "CI": "true",
      "CI_COMMIT_BRANCH": "main",
      "CI_COMMIT_MESSAGE": "Fix it
    ",
      "CI_COMMIT_SHA": "0123456789abcdef",
      "CI_COMMIT_SHORT_SHA": "01234567",
      "CI_JOB_NAME": "unit",
      "CI_JOB_STAGE": "test",
      "CI_PIPELINE_ID": "pipeline-1",
      "CI_PROJECT_DIR": "/workspace",
      "LOOM_CI": "true",
      "LOOM_JOB_ID": "unit",
      "LOOM_JOB_IMAGE": "node:24",
      "LOOM_JOB_NAME": "unit",
      "LOOM_JOB_STAGE": "test",
      "LOOM_JOB_TARGET": "linux",
      "LOOM_PIPELINE_ID": "pipeline-1",
      "LOOM_PROJECT_DIR": "/workspace",
      "LOOM_PROVIDER": "docker",
      "LOOM_RUN_ID": "run-1",
      "LOOM_STEP": "2",
      "LOOM_WORKFLOW_PATH": ".loom/workflow.yml",
    }
  `);
});

test("predefinedVariables() leaves out what there is not", () => {
  expect(Object.keys(predefinedVariables({ ...run, commit: { sha: "0123456789" } }))).toEqual([
    "LOOM_CI",
    "CI",
    "LOOM_RUN_ID",
    "LOOM_PIPELINE_ID",
    "CI_PIPELINE_ID",
    "LOOM_WORKFLOW_PATH",
    "LOOM_PROJECT_DIR",
    "CI_PROJECT_DIR",
    "CI_COMMIT_SHA",
    "CI_COMMIT_SHORT_SHA",
  ]);
});

test("jobVariables() lays the command line over the graph, and the graph over what is predefined", () => {
  const node = {
    variables: [
      { key: "CI", value: "no" },
      { key: "MODE", value: "fast" },
    ],
  };
  const layers = { predefined: { CI: "true", LOOM_CI: "true" }, commandLine: { MODE: "slow", NEW: "x" } };
  expect(jobVariables(node, layers)).toEqual({ CI: "no", LOOM_CI: "true", MODE: "slow", NEW: "x" });
});

test("predefinedVariables() takes a provider by any name", () => {
  const job = { id: "unit", stage: "test", target: "linux", provider: "unshare" };
  expect(predefinedVariables({ ...run, job })).toMatchObject({ LOOM_PROVIDER: "unshare" });
});
