import type { Effect } from "./effect.ts";
import type { UiState } from "./ui-state.ts";

/** The result of a key. */
export interface Reduction {
  readonly state: UiState;
  /** To be performed in this order. */
  readonly effects: readonly Effect[];
}
