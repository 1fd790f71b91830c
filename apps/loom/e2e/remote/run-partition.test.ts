import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { processesOf } from "../project.ts";
import { COUNTING, countsOn, expectAllCounted } from "./counting-job.ts";
import { farPlace, WHY_NOT } from "./far-place.ts";
import { GATED } from "./gated-job.ts";

describe.skipIf(WHY_NOT !== undefined)(
  `with a NATS server and a network of its own${WHY_NOT === undefined ? "" : ` (${WHY_NOT})`}`,
  () => {
    test("a run that is cut off from the engine says so, waits for it, and goes on", async () => {
      const { project, network } = await farPlace(COUNTING, "2s");
      await project.worker("w1");
      const gate = join(project.root, "gate");
      const run = project.runIn(network, "--var", `GATE=${gate}`);
      await run.said("│ line 10\n");
      network.cut();
      await run.warned("Nothing is heard of the engine that brings jobs to workers: they wait for it");
      await countsOn(gate);
      network.mend();
      await run.warned("The engine that brings jobs to workers is back");
      writeFileSync(gate, "");
      expectAllCounted(project, await run.ended);
    });

    test("a run that is cut off from the engine for too long is stopped, and closes its evidence", async () => {
      const { project, network } = await farPlace(GATED, "2s");
      const worker = await project.worker("w1", { args: ["--orphan-grace", "1s"] });
      const limit = ["--engine-timeout", "1s"];
      const run = project.runIn(network, ...limit, "--var", `GATES=${project.root}`);
      await run.said("│ on w1");
      network.cut();
      const { exitCode, stdout } = await run.ended;
      expect(exitCode).toBe(1);
      const error = /^Nothing was heard of the engine that brings jobs to workers for /u;
      expect(stdout).toContain("error: Nothing was heard of the engine that brings jobs to workers for ");
      const { receipt, pipelineManifest } = project.lastRun();
      expect(receipt).toMatchObject({ status: "failure", error: expect.stringMatching(error) as string });
      expect(pipelineManifest.jobs.map(({ status }) => status)).toEqual(["cancelled"]);
      expect(project.verdict()).toBe("valid");
      await worker.said(`Taken: gated of ${receipt.run_id}\n`);
      expect(processesOf(receipt.run_id)).toEqual([]);
    });
  },
);
