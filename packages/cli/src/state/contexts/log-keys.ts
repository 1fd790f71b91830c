import { scrollLog, SHIFT_CELLS } from "../log-position.ts";
import type { ContextKeys } from "./context-keys.ts";
import { plain, rowsOf } from "./movement.ts";

/** Keys of a log, in its pane and zoomed, and of a document. */
export const LOG_KEYS: ContextKeys = {
  move: (state, scene, movement) =>
    scrollLog(state, scene, { kind: "by", rows: rowsOf(movement, scene.log?.height ?? 1) }),
  sideways: (state, scene, command) =>
    scrollLog(state, scene, { kind: "shift", cells: command === "right" ? SHIFT_CELLS : -SHIFT_CELLS }),
  enter: (state, scene) =>
    plain(scene.log === undefined || state.zoom !== undefined ? state : { ...state, zoom: { kind: "log" } }),
};
