import type { Reduction } from "../reduction.ts";
import type { Scene } from "../scene.ts";
import type { UiState } from "../ui-state.ts";

/** How far a key moves. */
export type Movement =
  /** Rows; infinite: to the end. */
  | { readonly by: "rows"; readonly rows: number }
  /** Of what is on the screen. */
  | { readonly by: "pages"; readonly pages: number };

/** What the keys that mean something everywhere do in one context. */
export interface ContextKeys {
  move(state: UiState, scene: Scene, movement: Movement): UiState;
  sideways(state: UiState, scene: Scene, command: "left" | "right"): UiState;
  enter(state: UiState, scene: Scene): Reduction;
}
