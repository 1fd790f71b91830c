import type { ContextKeys } from "./context-keys.ts";
import { clamp, listHeight, plain, rowsOf, withEffect } from "./movement.ts";

/** Keys of the list of past runs. */
export const RUNS_KEYS: ContextKeys = {
  move: (state, scene, movement) => ({
    ...state,
    run: clamp(state.run + rowsOf(movement, listHeight(scene)), scene.runs.length - 1),
  }),
  sideways: (state) => state,
  enter: (state, scene) => {
    const run = scene.runs[Math.min(state.run, scene.runs.length - 1)];
    if (run?.directory === undefined) return plain({ ...state, notice: "its folder is gone" });
    return withEffect(state, { kind: "open_run", directory: run.directory });
  },
};
