import { readdirSync } from "node:fs";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { planWorkflow } from "./plan-workflow.ts";

const WORKFLOW = {
  text: `version: v1
stages: [a]
slow: {stage: a, script: [exit 1]}
image: {stage: a, needs: [slow], script: [exit 1], image: node}
served: {stage: a, needs: [image], script: [exit 1], services: [postgres]}
`,
};

test("planWorkflow() says what a run of a program would do, and leaves the project as it is", async () => {
  const cwd = temporaryDirectory();
  const planned = await planWorkflow({ cwd, workflow: WORKFLOW, concurrency: 1, env: {}, cacheHome: cwd });
  expect(planned.ok && planned.value.report.order).toEqual(["slow", "image", "served"]);
  expect(planned.ok && [...planned.value.places.values()]).toEqual([
    { provider: "host", workspace: "shared" },
    { provider: "docker", workspace: "own" },
    {
      provider: "none",
      unmetNeed: "services, which only a job with an image can reach",
      workspace: "shared",
    },
  ]);
  expect(readdirSync(cwd).filter((name) => name !== "loom")).toEqual([]);
});

test("planWorkflow() says why there is no plan, with the code that a run would have", async () => {
  const cwd = temporaryDirectory();
  const options = { cwd, workflow: WORKFLOW, env: {}, cacheHome: cwd };
  const refused = [
    await planWorkflow({ ...options, workflow: "no.yml" }),
    await planWorkflow({ ...options, jobs: ["slwo"] }),
    await planWorkflow({ ...options, variables: { A: "$B", B: "$A" } }),
    await planWorkflow({ ...options, workspace: "staged" }),
    await planWorkflow({ ...options, workflow: { text: "version: v2" } }),
  ];
  expect(refused.map((each) => (each.ok ? "" : each.error.code))).toEqual([
    "WORKFLOW_NOT_FOUND",
    "JOB_NOT_FOUND",
    "VARIABLE_CYCLE",
    "WORKSPACE_NOTHING_STAGED",
    "WF_SCHEMA_V1",
  ]);
  await expect(planWorkflow({ ...options, concurrency: 0 })).rejects.toThrow("whole number");
});
