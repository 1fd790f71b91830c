import type { JobId } from "@loom/core";
import type { Scene } from "./scene.ts";
import type { UiState } from "./ui-state.ts";

/** Moves the selection in the tree. It stays where the user put it from then on. */
export function moveTree(state: UiState, scene: Scene, rows: number): UiState {
  const { tree } = scene;
  const index = Math.max(0, Math.min(tree.index + rows, tree.rows.length - 1));
  const row = tree.rows[index];
  return row === undefined ? state : { ...state, picked: row.key, allJobs: false };
}

/** Selects a job, in every view. */
export function selectJob(state: UiState, jobId: JobId): UiState {
  return { ...state, picked: `job:${jobId}`, allJobs: false };
}

/** Opens or closes the selected row. If it is already open, moves inside; if already closed, to its parent. */
export function toggleRow(state: UiState, scene: Scene, open: boolean): UiState {
  const { selected, tree } = scene;
  if (selected === undefined) return state;
  if (selected.kind === "unit") {
    return open ? { ...state, pane: "log" } : { ...state, picked: `job:${selected.job.jobId}` };
  }
  // A closed matrix may show some of its jobs: closing it hides them.
  const isClosed = selected.kind === "matrix" ? !selected.open && selected.shown === 0 : !selected.open;
  if (open ? !selected.open : !isClosed)
    return { ...state, picked: selected.key, opened: new Map([...state.opened, [selected.key, open]]) };
  if (open) {
    const inside = tree.rows[tree.index + 1];
    return inside === undefined || inside.kind === "stage" ? state : { ...state, picked: inside.key };
  }
  if (selected.kind === "stage") return state;
  const matrix = selected.kind === "job" && selected.matrix !== undefined;
  const parent = tree.rows
    .slice(0, tree.index)
    .findLast(({ kind }) => kind === "stage" || (matrix && kind === "matrix"));
  return parent === undefined ? state : { ...state, picked: parent.key };
}
