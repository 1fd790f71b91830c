import { unreachable } from "@loom/core";
import type { Scene } from "./scene.ts";
import { FOLLOWING, type LogPosition, type UiState } from "./ui-state.ts";

/** How far one key shifts long lines; with wrapped lines it stands for one row. Unit: cells. */
export const SHIFT_CELLS = 20;

/** A way to move through a log. */
export type LogMove =
  | { readonly kind: "by"; readonly rows: number }
  | { readonly kind: "shift"; readonly cells: number }
  | { readonly kind: "follow" }
  | { readonly kind: "pause" };

/** Moves through the visible log. Going up pauses following, reaching the end resumes it. */
export function scrollLog(state: UiState, scene: Scene, move: LogMove): UiState {
  const { log } = scene;
  if (log === undefined) return state;
  const { position, shown, top, total, height } = log;
  const lowest = Math.max(0, total - (state.wrap ? 1 : height));
  switch (move.kind) {
    case "by": {
      const wanted = Math.max(0, Math.min(top + move.rows, lowest));
      if (wanted >= lowest && move.rows > 0)
        return put(state, scene, { ...FOLLOWING, shift: position.shift });
      // A log that fits does not scroll, and keeps following.
      if (lowest === 0 && !state.wrap) return state;
      const { current: _passed, ...rest } = position;
      return put(state, scene, {
        ...rest,
        follow: false,
        top: shown.rowAt(wanted),
        seen: position.follow ? shown.all : position.seen,
      });
    }
    case "shift":
      return put(state, scene, { ...position, shift: Math.max(0, position.shift + move.cells) });
    case "follow":
      return put(state, scene, { ...FOLLOWING, shift: position.shift });
    case "pause":
      return put(state, scene, { ...position, follow: false, top: shown.rowAt(top), seen: shown.all });
    default:
      return unreachable(move);
  }
}

/** Scrolls the visible log to a row, or to the next one that passes the filter, at a third of its height. */
export function goToRow(state: UiState, scene: Scene, row: number): UiState {
  const { log } = scene;
  if (log === undefined) return state;
  const { position, shown, total, height } = log;
  const top = Math.max(0, Math.min(shown.indexOf(row) - Math.floor(height / 3), total - height));
  return put(state, scene, {
    ...position,
    follow: false,
    top: shown.rowAt(top),
    current: row,
    seen: position.follow ? shown.all : position.seen,
  });
}

function put(state: UiState, scene: Scene, position: LogPosition): UiState {
  const { log } = scene;
  return log === undefined ? state : { ...state, logs: new Map([...state.logs, [log.key, position]]) };
}
