import { join } from "node:path";
import type { EffectContext } from "./effect-context.ts";

/** Absolute path of what is selected: a document, a run, a stream; `undefined` where there is none. */
export function focusedPath({ scene, run, path }: EffectContext): string | undefined {
  const { state, log } = scene;
  if (state.zoom?.kind === "document") return state.zoom.path;
  if (state.view === "runs") {
    const selected = scene.runs[Math.min(state.run, scene.runs.length - 1)];
    return selected?.receiptPath ?? selected?.directory;
  }
  if (state.view === "failures" && state.zoom === undefined) return path?.steps[state.step]?.path;
  return log === undefined || run.directory === undefined ? undefined : join(run.directory, log.key);
}
