import { jobId } from "@loom/core";
import { ViewModel } from "@loom/reporters/view";
import { graphNode, graphOf, ScriptedRun } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { unitName } from "../views/job-words.ts";
import { matricesOf } from "./matrix-fold.ts";
import { treeOf, type Tree } from "./tree-rows.ts";

test("the steps of a job stand once each, by their names, when one of them was left out", () => {
  const model = new ViewModel();
  const run = new ScriptedRun(model);
  const step_options = [
    { step: 1, withheld: true as const },
    { step: 2, name: "Lints" },
    { step: 4, name: "Tidies" },
  ];
  run.begins(
    graphOf([graphNode("a", "s", { script: ["one", "two", "three"], after_script: ["four"], step_options })]),
  );
  run.starts("a");
  run.stepStarts("a", 2);
  const steps = (): readonly string[] =>
    treeOf({
      view: model.view(),
      units: (id) => model.units(id),
      steps: (id) => model.steps(id),
      matrices: matricesOf(undefined),
      opened: new Map([[`job:${jobId("a")}`, true]]),
      compact: true,
      height: 40,
    }).rows.flatMap((row) => (row.kind === "unit" && row.unit.kind === "step" ? [unitName(row.unit)] : []));
  expect(steps()).toEqual(["02 Lints: two", "03 three", "04 Tidies: four"]);
  run.stepEnds("a", 2, { exitCode: 3 });
  run.stepStarts("a", 4);
  expect(steps()).toEqual(["02 Lints: two", "04 Tidies: four"]);
});

describe("treeOf() of a matrix", () => {
  const CELLS = ["unit-1", "unit-2", "unit-3", "unit-4", "unit-5", "unit-6"];
  const PAIR = ["os-a", "os-b"];

  function stage(): {
    readonly run: ScriptedRun;
    readonly tree: (given?: {
      readonly opened?: Readonly<Record<string, boolean>>;
      readonly picked?: string;
      readonly height?: number;
    }) => Tree;
  } {
    const model = new ViewModel();
    const run = new ScriptedRun(model);
    const graph = graphOf([
      graphNode("lint", "test"),
      ...CELLS.map((name) => graphNode(name, "test", { matrix: { job: "unit", values: [] } })),
      ...PAIR.map((name) => graphNode(name, "test", { matrix: { job: "os", values: [] } })),
      graphNode("one-1", "test", { matrix: { job: "one", values: [] } }),
      graphNode("end", "later", { gate: "needs" }),
    ]);
    run.begins(graph);
    return {
      run,
      tree: ({ opened = {}, height = 40, picked } = {}) =>
        treeOf({
          view: model.view(),
          units: () => [],
          steps: () => [],
          matrices: matricesOf(graph),
          opened: new Map(Object.entries(opened)),
          compact: true,
          height,
          ...(picked !== undefined && { picked }),
        }),
    };
  }

  const UNIT = "matrix:unit";
  const keysOf = ({ rows }: Tree): readonly string[] => rows.map(({ key }) => key);
  const jobs = (names: readonly string[]): readonly string[] => names.map((name) => `job:${name}`);
  const FOLDED = [
    "stage:test",
    "job:lint",
    UNIT,
    "matrix:os",
    ...jobs(PAIR),
    "job:one-1",
    "stage:later",
    "job:end",
  ];
  const UNFOLDED = FOLDED.flatMap((key) => (key === UNIT ? [key, ...jobs(CELLS)] : [key]));

  function fail(run: ScriptedRun, name: string): void {
    run.starts(name);
    run.executionEnds(name, { exitCode: 1 });
    run.settles(name, "failed", "exit_code");
  }

  test("folds one with many jobs, and any if not everything fits; one job alone is no matrix", () => {
    const { tree } = stage();
    expect(keysOf(tree())).toEqual(FOLDED);
    expect(keysOf(tree({ height: 8 }))).toEqual(FOLDED.filter((key) => !key.startsWith("job:os")));
    expect(keysOf(tree({ opened: { [UNIT]: true } }))).toEqual(UNFOLDED);
    expect(keysOf(tree({ opened: { "matrix:os": false } }))).not.toContain("job:os-a");
  });

  test("keeps the stage open in which it is selected or was opened, however little room there is", () => {
    const { run, tree } = stage();
    run.starts("end");
    expect(keysOf(tree({ height: 3 }))).not.toContain(UNIT);
    for (const given of [{ picked: UNIT }, { picked: "stage:test", opened: { [UNIT]: true } }]) {
      const low = tree({ ...given, height: 3 });
      expect(low.rows[low.index]?.key).toBe(given.picked);
      expect(keysOf(low)).toContain("job:one-1");
    }
  });

  test("shows what failed below a folded name, unless the user closed it", () => {
    const { run, tree } = stage();
    fail(run, "unit-3");
    const failed = tree();
    expect(keysOf(failed).slice(0, 5)).toEqual([...FOLDED.slice(0, 3), "job:unit-3", "matrix:os"]);
    expect(failed.rows[failed.index]).toMatchObject({ key: "job:unit-3", matrix: "unit" });
    expect(keysOf(tree({ picked: "job:unit-3" }))).toEqual(keysOf(failed));
    expect(keysOf(tree({ opened: { [UNIT]: false }, picked: UNIT }))).toEqual(FOLDED);
  });

  test("opens for a selected job, and selects the name in place of a job that it hides", () => {
    const { run, tree } = stage();
    for (const opened of [{}, { [UNIT]: false }, { "stage:test": false }]) {
      const found = tree({ opened, picked: "job:unit-5" });
      expect(keysOf(found)).toEqual(UNFOLDED);
      expect(found.rows[found.index]?.key).toBe("job:unit-5");
    }
    run.starts("unit-2");
    const running = tree();
    expect(keysOf(running)).toEqual(FOLDED);
    expect(running.rows[running.index]?.key).toBe(UNIT);
  });
});
