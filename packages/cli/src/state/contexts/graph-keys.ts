import { selectJob } from "../move-tree.ts";
import { graphStep, type Scene } from "../scene.ts";
import type { UiState } from "../ui-state.ts";
import type { ContextKeys } from "./context-keys.ts";
import { listHeight, moveJob, plain, rowsOf, toView } from "./movement.ts";

/** Keys of the graph view: arrows move one step in the graph, left and right along its edges. */
export const GRAPH_KEYS: ContextKeys = {
  move: (state, scene, movement) => {
    if (movement.by === "rows" && Number.isFinite(movement.rows))
      return step(state, scene, movement.rows > 0 ? "down" : "up");
    return moveJob(state, scene, rowsOf(movement, listHeight(scene)));
  },
  sideways: step,
  enter: (state) => plain(toView({ ...state, allJobs: false }, "run")),
};

function step(state: UiState, scene: Scene, direction: Parameters<typeof graphStep>[1]): UiState {
  const id = graphStep(scene, direction);
  return id === undefined ? state : selectJob(state, id);
}
