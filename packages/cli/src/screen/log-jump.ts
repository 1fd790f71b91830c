import { findJump } from "../log/find-jump.ts";
import type { OpenLog } from "../log/log-cache.ts";
import type { Effect } from "../state/effect.ts";
import { goToRow } from "../state/log-position.ts";
import type { Scene } from "../state/scene.ts";
import type { UiState } from "../state/ui-state.ts";

/** State of a jump: it waits for more of the log, there is no jump, nothing was found, or the log has moved. */
export type JumpStep =
  | { readonly kind: "waits" }
  | { readonly kind: "over" }
  | { readonly kind: "none"; readonly notice: string }
  | { readonly kind: "moved"; readonly state: UiState; readonly notice?: string };

type Jump = Pick<Extract<Effect, { kind: "jump" }>, "to" | "direction">;

/** Goes to the next match or error of a log, as soon as it is found. */
export class LogJump {
  #jump: Jump | undefined;

  /** Whether a jump is in progress. */
  get isActive(): boolean {
    return this.#jump !== undefined;
  }

  begin(jump: Jump): void {
    this.#jump = jump;
  }

  /** Moves to the target, if it has been found. */
  step(scene: Scene, log: OpenLog | undefined): JumpStep {
    const jump = this.#jump;
    if (jump === undefined) return { kind: "over" };
    if (log === undefined || scene.log === undefined) return { kind: "waits" };
    const scan = jump.to === "error" ? log.errors : log.search;
    if (scan === undefined) {
      this.#jump = undefined;
      return { kind: "over" };
    }
    const { position, shown, top } = scene.log;
    // A forward jump may lead to the first visible row, a backward jump only above it.
    const first = shown.rowAt(top);
    const from = position.current ?? (jump.direction > 0 ? first - 1 : position.follow ? shown.all : first);
    const found = findJump(scan, from, jump.direction, log.going);
    if (found.kind === "wait") return { kind: "waits" };
    this.#jump = undefined;
    const word = jump.to === "error" ? "line that looks like an error" : "match";
    if (found.kind === "none") return { kind: "none", notice: `no ${word}` };
    const state = goToRow(scene.state, scene, found.row);
    const notice = jump.direction > 0 ? `the first ${word} again` : `the last ${word} again`;
    return { kind: "moved", state, ...(found.wrapped && { notice }) };
  }
}
