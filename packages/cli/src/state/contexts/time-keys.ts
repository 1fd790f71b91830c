import type { ContextKeys } from "./context-keys.ts";
import { listHeight, moveJob, plain, rowsOf, toView } from "./movement.ts";

/** Keys of the time view. */
export const TIME_KEYS: ContextKeys = {
  move: (state, scene, movement) => moveJob(state, scene, rowsOf(movement, listHeight(scene))),
  sideways: (state, _scene, command) => ({
    ...state,
    timePan: Math.max(0, state.timePan + (command === "right" ? 1 : -1)),
  }),
  enter: (state) => plain(toView({ ...state, allJobs: false }, "run")),
};
