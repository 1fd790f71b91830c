import { jobId } from "@loom/core";
import { ViewModel } from "@loom/reporters/view";
import { graphNode, graphOf, ScriptedRun } from "@loom/testkit";
import { expect, test } from "vitest";
import { unitName } from "../views/job-words.ts";
import { treeOf } from "./tree-rows.ts";

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
      opened: new Map([[`job:${jobId("a")}`, true]]),
      compact: true,
      height: 40,
    }).rows.flatMap((row) => (row.kind === "unit" && row.unit.kind === "step" ? [unitName(row.unit)] : []));
  expect(steps()).toEqual(["02 Lints: two", "03 three", "04 Tidies: four"]);
  run.stepEnds("a", 2, { exitCode: 3 });
  run.stepStarts("a", 4);
  expect(steps()).toEqual(["02 Lints: two", "04 Tidies: four"]);
});
