import type { ContextKeys } from "./context-keys.ts";
import { clamp, plain, rowsOf } from "./movement.ts";

/** How many documents lead to a failure, about. */
const LADDER_ROWS = 4;

/** Keys of the failures: along the documents that lead to the one in sight. */
export const FAILURES_KEYS: ContextKeys = {
  move: (state, scene, movement) => ({
    ...state,
    step: clamp(state.step + rowsOf(movement, LADDER_ROWS), (scene.world.path?.steps.length ?? 1) - 1),
  }),
  sideways: (state) => state,
  enter: (state, scene) => {
    const step = scene.world.path?.steps[state.step];
    if (step === undefined) return plain(state);
    return plain({ ...state, zoom: { kind: "document", path: step.path, title: step.name } });
  },
};
