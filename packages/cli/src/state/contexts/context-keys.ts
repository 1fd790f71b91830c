import type { Reduction } from "../reduction.ts";
import type { Scene } from "../scene.ts";
import type { UiState } from "../ui-state.ts";

/** How far a key moves. */
export type Movement =
  /** Negative: up or back; infinite: to the first or last row. */
  | { readonly by: "rows"; readonly rows: number }
  /** One page is as many rows as fit on the screen. */
  | { readonly by: "pages"; readonly pages: number };

/** What the keys that work everywhere do in one context. */
export interface ContextKeys {
  move(state: UiState, scene: Scene, movement: Movement): UiState;
  sideways(state: UiState, scene: Scene, command: "left" | "right"): UiState;
  enter(state: UiState, scene: Scene): Reduction;
}
