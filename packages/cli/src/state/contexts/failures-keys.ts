import { FOLLOWING, type UiState } from "../ui-state.ts";
import type { Reduction } from "../reduction.ts";
import type { Scene } from "../scene.ts";
import { chosenItem, failureItems } from "../shown-failure.ts";
import type { ContextKeys } from "./context-keys.ts";
import { clamp, plain, withEffect } from "./movement.ts";

/** About how many lines a page of the output has. */
const PAGE = 8;

/** Keys of the failure view: rows move through errors and files, pages scroll the output. */
export const FAILURES_KEYS: ContextKeys = {
  move: (state, scene, movement) => {
    const { failure } = scene.world;
    if (movement.by === "rows")
      return { ...state, step: clamp(state.step + movement.rows, failureItems(failure).length - 1) };
    const lines = failure?.explanation.lines.length ?? 0;
    const excerptTop = clamp((state.excerptTop ?? 0) + Math.trunc(movement.pages * PAGE), lines - 1);
    return { ...state, excerptTop };
  },
  sideways: (state) => state,
  enter: (state, scene) => {
    const item = chosenItem(scene.world.failure, state.step);
    if (item === undefined) return plain(state);
    if (item.kind === "file") {
      const { path, name } = item.file;
      return plain({ ...state, zoom: { kind: "document", path, title: name } });
    }
    return showInLog(state, scene, item.kind === "error" ? item.error.message : "");
  },
};

/** How many characters of a message to search for: the printed line may be wrapped or cut. */
const SEARCH_CHARACTERS = 60;

/** Opens the log of what failed at the line with a text; for an empty text, where it was left. */
function showInLog(state: UiState, { log }: Scene, text: string): Reduction {
  if (log === undefined) return plain({ ...state, notice: "its output is not there" });
  const zoomed = { ...state, zoom: { kind: "log" } as const };
  if (text === "") return plain(zoomed);
  const logs = new Map(state.logs).set(log.key, { ...FOLLOWING, follow: false });
  const search = text.replace(/…$/u, "").slice(0, SEARCH_CHARACTERS).trim();
  return withEffect({ ...zoomed, logs, search, filter: "" }, { kind: "jump", to: "match", direction: 1 });
}
