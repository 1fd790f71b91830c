import type { Effect } from "./effect.ts";
import type { UiState } from "./ui-state.ts";

/** What a key led to. */
export interface Reduction {
  readonly state: UiState;
  /** In order. */
  readonly effects: readonly Effect[];
}
