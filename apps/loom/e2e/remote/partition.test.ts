import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COUNTING, countsOn, expectAllCounted } from "./counting-job.ts";
import { farPlace, WHY_NOT } from "./far-place.ts";
import { WAIT } from "./far-project.ts";
import { GATED, lossOf, openGate, processesOn, runIdOf } from "./gated-job.ts";
import { attemptsOf, dice, expectAllowed, LINES, randomGraph, workflowOf } from "./random-graph.ts";

describe.skipIf(WHY_NOT !== undefined)(
  `with a NATS server and a network of its own${WHY_NOT === undefined ? "" : ` (${WHY_NOT})`}`,
  () => {
    test("the job of a worker that is cut off begins anew elsewhere, and it ends its own when it is back", async () => {
      const { project, network } = await farPlace(GATED, "2s");
      const first = await project.worker("w1", { network });
      writeFileSync(join(project.root, "stay-on-w1"), "");
      const run = project.run("--var", `GATES=${project.root}`);
      await run.said("│ on w1");
      const runId = runIdOf(project);
      await project.worker("w2");
      network.cut();
      await run.said("│ on w2");
      expect(processesOn("w1", runId)).not.toEqual([]);
      // It goes on, and says so to nobody.
      openGate(project, "w1");
      network.mend();
      await first.said(`Taken: gated of ${runId}\n`);
      expect(processesOn("w1", runId)).toEqual([]);
      await expect.poll(() => project.loom(["workers"]).stdout, WAIT).toContain("-w1 ");
      openGate(project, "w2");
      const { exitCode, stdout } = await run.ended;
      expect(exitCode).toBe(0);
      expect(stdout).toContain("through on w2");
      expect(stdout).not.toContain("through on w1");
      expect(stdout.match(/^success +gated/gmu)).toHaveLength(1);
      expect(lossOf(project)).toMatch(/-w1" has lost the job: nothing was heard of it for 2 s$/u);
      expect(project.loom(["verify", "last"])).toMatchObject({ exitCode: 0, stderr: "" });
    });

    test("a worker that is cut off for less than its lease loses nothing", async () => {
      const { project, network } = await farPlace(COUNTING, "20s");
      await project.worker("w1", { network });
      const gate = join(project.root, "gate");
      const run = project.run("--var", `GATE=${gate}`);
      await run.said("│ line 10\n");
      network.cut();
      await countsOn(gate);
      network.mend();
      await countsOn(gate);
      writeFileSync(gate, "");
      expectAllCounted(project, await run.ended);
    });

    test.each([1, 2, 3])(
      "jobs run as they may and count once, whatever comes and goes meanwhile (seed %i)",
      async (seed) => {
        const random = dice(seed);
        const nodes = randomGraph(random);
        const { project, network } = await farPlace(workflowOf(nodes), "2s");
        const first = await project.worker("w1", { args: ["--slots", "2"], network });
        const second = await project.worker("w2", { args: ["--slots", "2"] });
        const run = project.run();
        const moments = [
          ["kill", "cut", "mend"],
          ["cut", "kill", "mend"],
          ["cut", "mend", "kill"],
        ][random(3)];
        for (const moment of moments ?? []) {
          const { id } = nodes[random(nodes.length)] ?? {};
          await Promise.race([run.said(`${id}│ ${LINES[random(LINES.length)]}\n`), run.ended]);
          if (moment === "cut") network.cut();
          else if (moment === "mend") network.mend();
          else {
            (random(2) === 0 ? first : second).process.kill("SIGKILL");
            await project.worker("w3", { args: ["--slots", "2"] });
          }
        }
        const { exitCode } = await run.ended;
        expect(exitCode).toBe(0);
        expect(project.verdict()).toBe("valid");
        expectAllowed(project, nodes);
        for (const { id } of nodes) {
          const attempts = attemptsOf(project, id);
          expect(attempts).toEqual(attempts.map((lines) => LINES.slice(0, lines.length)));
          expect(attempts.at(-1)).toEqual(LINES);
        }
      },
    );
  },
);
