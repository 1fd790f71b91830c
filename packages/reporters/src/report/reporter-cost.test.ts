import { expect, test } from "vitest";
import { LOGS_DIR, ScriptedRun, countBlocks, graphNode, graphOf } from "@loom/testkit";
import { createReporter, REPORTER_NAMES, type ReporterName } from "../table/reporter-table.ts";

// The engine counts in what it compiles from here on: no other test may run reporters before.
const blocksOf = countBlocks("/reporters/src/");

test("a reporter takes the records of one job of 5,000 without looking at the others, in every mode", async () => {
  const cost = async (mode: ReporterName, jobs: number): Promise<number> => {
    const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR };
    const options = { output: { write: () => undefined }, heading, token: "t" };
    const reporter = await createReporter(mode, options);
    const run = new ScriptedRun(reporter);
    run.begins(graphOf(Array.from({ length: jobs }, (_, index) => graphNode(`job-${index}`, "all"))));
    return blocksOf(() => run.runs("job-7", 1, ["a line"], { exitCode: 1 }));
  };
  for (const mode of REPORTER_NAMES) {
    const [few, many] = [await cost(mode, 10), await cost(mode, 5000)];
    expect({ mode, blocks: many }).toEqual({ mode, blocks: few });
    expect({ mode, isCounted: few > 0 || mode === "quiet" }).toEqual({ mode, isCounted: true });
  }
});
