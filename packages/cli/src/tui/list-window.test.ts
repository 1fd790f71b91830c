import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphOfNodes, node, ScriptedRun } from "../../test/scripted-run.ts";
import type { RunView } from "../view/run-view.ts";
import { ViewModel } from "../view/view-model.ts";
import { listWindow } from "./list-window.ts";

function viewOf(jobsPerStage: readonly number[]): RunView {
  const model = new ViewModel();
  const run = new ScriptedRun({
    record: (stream, record) => model.record(stream, record),
    lines: () => undefined,
    flush: () => undefined,
  });
  const nodes = jobsPerStage.flatMap((count, stage) =>
    Array.from({ length: count }, (_, job) => node(`j${stage}-${job}`, `s${stage}`)),
  );
  run.begins({ ...graphOfNodes(nodes), stages: jobsPerStage.map((_, stage) => `s${stage}`) });
  return model.view();
}

describe("listWindow()", () => {
  test("shows a stretch of the whole list, as much of it as fits", () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(shapes, fc.nat(30), fc.nat(50), (shape, height, top) => {
        const view = viewOf(shape);
        const name = (row: ReturnType<typeof listWindow>["rows"][number]): string =>
          row.kind === "stage" ? row.stage.name : row.job.jobId;
        const whole = shape.flatMap((count, stage) => [
          `s${stage}`,
          ...Array.from({ length: count }, (_, job) => `j${stage}-${job}`),
        ]);
        const window = listWindow(view, height, { kind: "fixed", top });
        expect(window.total).toBe(whole.length);
        expect(window.rows.map(name)).toEqual(whole.slice(window.top, window.top + height));
        expect(window.rows).toHaveLength(Math.min(height, whole.length));
      }),
    );
  });
});
