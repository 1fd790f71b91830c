import { describe, expect, test } from "vitest";
import { makeProject, processesOf, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [work, later]
slow:
  stage: work
  script: ["echo started; sleep 300"]
stubborn:
  stage: work
  script: ["trap '' TERM INT; echo deaf; while :; do sleep 1; done"]
after:
  stage: later
  script: ["true"]
always:
  stage: later
  when: always
  script: ["true"]
`;

/** Starts the workflow and waits until both of its running jobs have said something. */
async function running(
  args: readonly string[],
): Promise<{ project: Project; run: ReturnType<Project["start"]> }> {
  const project = makeProject({ workflow: WORKFLOW });
  const run = project.start(["run", "--stream", "-j", "2", ...args]);
  await Promise.all([run.said("│ started"), run.said("│ deaf")]);
  return { project, run };
}

describe("loom run, cancelled", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("closes everything after %s and exits with %i", async (signal, exitCode) => {
    const { project, run } = await running(["--grace", "200ms"]);
    run.process.kill(signal);
    expect((await run.ended).exitCode).toBe(exitCode);
    const { receipt, pipelineManifest, events } = project.lastRun();
    expect(receipt).toMatchObject({ status: "cancelled", exit_code: exitCode });
    expect(pipelineManifest.jobs.map(({ status }) => status)).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
    expect(events("events.jsonl").at(-1)).toMatchObject({
      event: "phase_finish",
      phase_code: "run.finalize",
    });
    expect(events("jobs/stubborn/user/execution/script/01/events.jsonl").at(-1)).toMatchObject({
      status: "cancelled",
      signal: "SIGKILL",
    });
    expect(processesOf(receipt.run_id)).toEqual([]);
    expect(project.verdict(receipt.run_id)).toBe("valid");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "kills at once when SIGINT follows %s, whatever the grace, and still finalizes",
    async (first, exitCode) => {
      const { project, run } = await running(["--grace", "1h"]);
      run.process.kill(first);
      await run.said(first);
      run.process.kill("SIGINT");
      expect((await run.ended).exitCode).toBe(exitCode);
      const { receipt } = project.lastRun();
      expect(processesOf(receipt.run_id)).toEqual([]);
      expect(project.verdict(receipt.run_id)).toBe("valid");
    },
  );

  test("goes on and keeps its exit code when the reader of stdout leaves", async () => {
    const project = makeProject({
      workflow: 'version: v1\nstages: [a]\nj:\n  stage: a\n  script: ["seq 1 200000; exit 4"]\n',
    });
    const run = project.start(["run", "--stream"]);
    await run.said("│ 1");
    run.process.stdout?.destroy();
    expect((await run.ended).exitCode).toBe(1);
    expect(project.lastRun().jobManifest("j").steps).toMatchObject([{ exit_code: 4, output_lines: 200_000 }]);
  });
});
