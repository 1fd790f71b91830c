import { join } from "node:path";
import { chosenItem } from "../state/shown-failure.ts";
import type { EffectContext } from "./effect-context.ts";

/** Absolute path of the selection: a document, a run's receipt or folder, a log; `undefined` if there is none. */
export function focusedPath({ scene, run }: EffectContext): string | undefined {
  const { state, log } = scene;
  if (state.zoom?.kind === "document") return state.zoom.path;
  if (state.view === "runs") {
    const selected = scene.runs[scene.runIndex];
    return selected?.receiptPath ?? selected?.directory;
  }
  if (state.view === "failures" && state.zoom === undefined) {
    const item = chosenItem(scene.world.failure, state.step);
    if (item?.kind === "file") return item.file.path;
  }
  return log === undefined || run.directory === undefined ? undefined : join(run.directory, log.key);
}
