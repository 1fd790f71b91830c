import { expect, test } from "vitest";
import { LOGS_DIR, ScriptedRun, countBlocks, graphNode, graphOfNodes } from "@loom/testkit";
import { createReporter } from "./create-reporter.ts";

// The engine counts in what it compiles from here on: no other test may run reporters before.
const blocksOf = countBlocks("/reporters/src/");

const MODES = ["plain", "stream", "verbose", "group", "quiet", "json", "accessible"] as const;

test("a reporter takes the records of one job of 5,000 without looking at the others, in every mode", () => {
  const cost = (mode: (typeof MODES)[number], jobs: number): number => {
    const heading = { workflowPath: ".loom/workflow.yml", logsDir: LOGS_DIR };
    const reporter = createReporter(mode, { output: { write: () => undefined }, heading });
    const run = new ScriptedRun(reporter);
    run.begins(graphOfNodes(Array.from({ length: jobs }, (_, index) => graphNode(`job-${index}`, "all"))));
    return blocksOf(() => run.runs("job-7", 1, ["a line"], { exitCode: 1 }));
  };
  for (const mode of MODES) {
    const [few, many] = [cost(mode, 10), cost(mode, 5000)];
    expect({ mode, blocks: many }).toEqual({ mode, blocks: few });
    expect({ mode, isCounted: few > 0 || mode === "quiet" }).toEqual({ mode, isCounted: true });
  }
});
