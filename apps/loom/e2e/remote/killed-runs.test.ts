import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_NATS_SERVER, openNatsServer, type OpenNatsServer } from "../nats-server.ts";
import { makeFarProject, WAIT, type FarProject } from "./far-project.ts";
import { attemptsOf, dice, expectAllowed, LINES, randomGraph, workflowOf } from "./random-graph.ts";

describe.skipIf(!HAS_NATS_SERVER)("with a NATS server (nats-server)", () => {
  let server: OpenNatsServer | undefined;
  beforeAll(async () => {
    server = await openNatsServer();
  });
  afterAll(async () => await server?.stop());

  test.each([1, 2, 3])(
    "a run that is killed again and again comes to its end, and no job begins more often than its evidence says (seed %i)",
    async (seed) => {
      const random = dice(seed);
      const nodes = randomGraph(random);
      const project = makeFarProject(workflowOf(nodes), { url: server?.url ?? "" });
      const begun = join(project.root, "begun");
      mkdirSync(begun);
      await project.worker("w1", { args: ["--slots", "2"] });
      await project.worker("w2", { args: ["--slots", "2"] });
      const variable = ["--var", `BEGUN=${begun}`];
      let run = project.run(...variable);
      for (const _kill of [1, 2]) {
        const { id = "" } = nodes[random(nodes.length)] ?? {};
        const line = LINES[random(LINES.length)] ?? "";
        const isOver = run.ended.then(() => true);
        await expect.poll(() => hasPrinted(project, id, line), WAIT).toBe(true);
        run.process.kill("SIGKILL");
        await isOver;
        run = project.start(["resume", "last", ...variable]);
      }
      const { exitCode, stderr } = await run.ended;
      // It may have been over before it was killed.
      if (exitCode !== 0) expect(stderr).toContain("cannot go on");
      expect(project.verdict()).toBe("valid");
      expectAllowed(project, nodes);
      for (const { id } of nodes) {
        const attempts = attemptsOf(project, id);
        expect(attempts.at(-1)).toEqual(LINES);
        const timesBegun = readFileSync(join(begun, id), "utf8").length / 2;
        // A run may be killed between the record of a step and the order to its worker.
        expect(timesBegun).toBeLessThanOrEqual(attemptCount(project, id));
        expect(timesBegun).toBeGreaterThanOrEqual(attempts.length);
      }
    },
  );
});

/** Whether a line of a job is in the evidence of the last run. */
function hasPrinted(project: FarProject, id: string, line: string): boolean {
  const logs = join(project.root, ".loom/.runtime/logs");
  try {
    const [run = ""] = readdirSync(logs);
    const stream = join(logs, run, "jobs", id, "user/execution/script/01/events.jsonl");
    return readFileSync(stream, "utf8").includes(`"${line}"`);
  } catch {
    return false;
  }
}

/** How many attempts at a job began with its step. */
function attemptCount(project: FarProject, id: string): number {
  const { events } = project.lastRun();
  const starts = events(`jobs/${id}/user/execution/events.jsonl`).filter(
    (record) => record.event === "phase_start" && record.phase_code === "step.script",
  );
  return starts.length;
}
