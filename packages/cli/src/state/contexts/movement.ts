import { selectJob } from "../move-tree.ts";
import type { Reduction } from "../reduction.ts";
import type { Scene } from "../scene.ts";
import type { UiState, ViewName } from "../ui-state.ts";
import type { Movement } from "./context-keys.ts";

/** Rows of the screen around a list: header, borders, status, keys. */
const AROUND_LIST = 6;

/** The size of a movement in rows. @param height - Rows of a page. */
export function rowsOf(movement: Movement, height: number): number {
  return movement.by === "rows" ? movement.rows : Math.trunc(movement.pages * Math.max(2, height));
}

/** Rows of a list that fills the screen. */
export function listHeight({ world }: Scene): number {
  return world.size.rows - AROUND_LIST;
}

/** Moves the selection through the jobs of the view. */
export function moveJob(state: UiState, scene: Scene, rows: number): UiState {
  const index = scene.jobs.findIndex((job) => job.jobId === scene.job?.jobId);
  const job = scene.jobs[clamp(index + rows, scene.jobs.length - 1)];
  return job === undefined ? state : selectJob(state, job.jobId);
}

/** Switches to a view. `back` returns from it. */
export function toView(state: UiState, view: ViewName): UiState {
  const { zoom: _zoomed, ...rest } = state;
  return state.view === view ? rest : { ...rest, view, previous: [...state.previous.slice(-8), state.view] };
}

/** A result without effects. */
export function plain(state: UiState): Reduction {
  return { state, effects: [] };
}

/** A result with one effect. */
export function withEffect(state: UiState, effect: Reduction["effects"][number]): Reduction {
  return { state, effects: [effect] };
}

/** Limits a value to the range from 0 to `last`; returns 0 if `last` is negative. */
export function clamp(value: number, last: number): number {
  return Math.max(0, Math.min(value, last));
}
