import { moveTree, toggleRow } from "../move-tree.ts";
import type { ContextKeys } from "./context-keys.ts";
import { listHeight, plain, rowsOf } from "./movement.ts";

/** Keys of the tree of jobs. */
export const TREE_KEYS: ContextKeys = {
  move: (state, scene, movement) => moveTree(state, scene, rowsOf(movement, listHeight(scene))),
  sideways: (state, scene, command) => toggleRow(state, scene, command === "right"),
  enter: (state, scene) => {
    const { selected, log } = scene;
    if (selected?.kind === "stage" || selected?.kind === "matrix")
      return plain(toggleRow(state, scene, !selected.open));
    const opens = log === undefined || (selected?.kind === "job" && !selected.open);
    return plain(opens ? toggleRow(state, scene, true) : { ...state, zoom: { kind: "log" } });
  },
};
