import { expect, test } from "vitest";
import { ScriptedRun, countBlocks, graphNode, graphOf } from "@loom/testkit";
import { ViewModel } from "./view-model.ts";

// The engine counts in what it compiles from here on: no other test may run the model before.
const blocksOf = countBlocks("/view-model.ts");

test("ViewModel takes the records of one job of 10,000 without looking at the others", () => {
  const cost = (jobs: number): { readonly begin: number; readonly one: number } => {
    const model = new ViewModel();
    const run = new ScriptedRun(model);
    const nodes = Array.from({ length: jobs }, (_, index) => graphNode(`job-${index}`, "all"));
    const begin = blocksOf(() => run.begins(graphOf(nodes)));
    const one = blocksOf(() => run.runs("job-7", 1, ["a line"], { exitCode: 1 }));
    expect(model.counts).toMatchObject({ total: jobs, failed: 1 });
    return { begin, one };
  };
  const [few, many] = [cost(10), cost(10_000)];
  expect(many.begin, "the graph, which names all jobs").toBeGreaterThan(10_000);
  expect(many.one, "the records of one job").toBe(few.one);
});
