import type { ContextKeys } from "./context-keys.ts";
import { clamp, plain, rowsOf } from "./movement.ts";

/** How many documents lead to a failure, about. */
const LADDER_ROWS = 4;

/** Keys of the failures: along the documents that lead to the one in sight. */
export const FAILURES_KEYS: ContextKeys = {
  move: (state, scene, movement) => ({
    ...state,
    rung: clamp(state.rung + rowsOf(movement, LADDER_ROWS), (scene.world.ladder?.rungs.length ?? 1) - 1),
  }),
  sideways: (state) => state,
  enter: (state, scene) => {
    const rung = scene.world.ladder?.rungs[state.rung];
    if (rung === undefined) return plain(state);
    return plain({ ...state, zoom: { kind: "document", path: rung.path, title: rung.name } });
  },
};
