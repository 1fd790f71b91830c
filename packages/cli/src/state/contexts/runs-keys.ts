import type { ContextKeys } from "./context-keys.ts";
import type { Reduction } from "../reduction.ts";
import type { Scene } from "../scene.ts";
import type { UiState, ViewName } from "../ui-state.ts";
import { clamp, listHeight, plain, rowsOf, withEffect } from "./movement.ts";

/** Keys of the list of past runs. */
export const RUNS_KEYS: ContextKeys = {
  move: (state, scene, movement) => {
    const index = clamp(scene.runIndex + rowsOf(movement, listHeight(scene)), scene.runs.length - 1);
    const run = scene.runs[index];
    return run === undefined ? state : { ...state, run: run.runId };
  },
  sideways: (state) => state,
  enter: (state, scene) => openSelectedRun(state, scene, "run"),
};

/** Opens the selected run in a view. */
export function openSelectedRun(state: UiState, scene: Scene, view: ViewName): Reduction {
  const run = scene.runs[scene.runIndex];
  if (run === undefined) return plain({ ...state, notice: "there is no run" });
  if (run.directory === undefined) return plain({ ...state, notice: "its folder is gone" });
  return withEffect(state, { kind: "open_run", directory: run.directory, view });
}

/** Compares the selected run with the one before it. */
export function compareRuns(state: UiState, scene: Scene): Reduction {
  const index = scene.runIndex;
  const [after, before] = [scene.runs[index], scene.runs[index + 1]];
  if (after === undefined || before === undefined)
    return plain({ ...state, notice: "there is no run before it" });
  if (after.directory === undefined || before.directory === undefined)
    return plain({ ...state, notice: "the folder of one of the two is gone" });
  return withEffect(state, { kind: "compare", before: before.directory, after: after.directory });
}
