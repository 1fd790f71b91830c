import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";
import { connect } from "./connect.ts";
import { until } from "../until.ts";

const WORKFLOW = `version: v1
stages: [work]
slow: {stage: work, script: ["touch began; sleep 300"]}
steady: {stage: work, script: ["touch went; sleep 300"]}
ask: {stage: work, when: manual, script: ["touch asked"]}
`;

describe("loom_ctl", () => {
  test("says what a run is at, cancels a job of it and then the run, which another call waits for", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { call } = await connect(project);
    const running = call("loom_run_local", { in_place: true });
    await until(() => ["began", "went"].every((name) => existsSync(join(project.root, name))));
    const { data, text } = await call("loom_ctl");
    expect(data["state"]).toMatchObject({
      phase: "running",
      counts: { total: 3, running: 2 },
      jobs: [
        { job_id: "slow", status: "running" },
        { job_id: "steady", status: "running" },
        { job_id: "ask", status: "pending" },
      ],
    });
    expect(text).toMatch(/ 1\/3 done, 2 running /u);
    expect((await call("loom_ctl", { action: "cancel_job" })).isError).toBe(true);
    expect((await call("loom_ctl", { action: "cancel_job", job: "slwo" })).text).toBe(
      'The run has no job "slwo"',
    );
    expect((await call("loom_ctl", { action: "cancel_job", job: "slow" })).isError).toBe(false);
    // It is asked to end, and has failed when it has.
    for (let ended = false; !ended;) {
      const { jobs } = (await call("loom_ctl")).data["state"] as { jobs: readonly { status: string }[] };
      ended = jobs[0]?.status === "failed";
    }
    expect((await call("loom_ctl", { action: "play", job: "slow" })).text).toBe(
      'Job "slow" does not wait for somebody to ask for it: it is failed',
    );
    expect((await call("loom_ctl", { action: "play", job: "ask" })).isError).toBe(false);
    await until(() => existsSync(join(project.root, "asked")));
    expect((await call("loom_ctl", { action: "cancel" })).isError).toBe(false);
    expect((await running).data).toMatchObject({
      status: "cancelled",
      failures: [{ job_id: "slow" }],
    });
    expect(project.verdict()).toBe("valid");
    expect((await call("loom_ctl")).text).toContain("is over");
  });

  test("gives the whole schema of a state, as loom schema run-state does", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { client } = await connect(project);
    const { tools } = await client.listTools();
    const output = tools.find(({ name }) => name === "loom_ctl")?.outputSchema;
    const schema = JSON.parse(project.loom(["schema", "run-state"]).stdout) as {
      readonly properties: object;
      readonly required: readonly string[];
    };
    expect(schema.required).toContain("jobs");
    expect(output?.properties?.["state"]).toMatchObject({
      properties: schema.properties,
      required: schema.required,
    });
  });
});
