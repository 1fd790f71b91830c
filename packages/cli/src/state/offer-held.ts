import type { RunView } from "@loom/reporters/view";
import { heldJobOf, heldJobs, type HeldJob } from "./held-jobs.ts";
import type { Scene } from "./scene.ts";
import type { UiState } from "./ui-state.ts";

/**
 * Opens the dialog of a job that is held, once for each time that it is, and closes it when something else has said
 * how the job goes on. It waits while another box is open or the user types. Pure.
 *
 * @returns The same state if nothing changes.
 */
export function offerHeld(state: UiState, { world, layout }: Scene): UiState {
  const { overlay } = state;
  if (overlay?.kind === "held" && (world.finished || heldJobOf(world.view, overlay.job) === undefined)) {
    const { overlay: _answered, ...rest } = state;
    return rest;
  }
  // A line has no room for a question, and a run that ends answers it.
  if (
    world.view.counts.held === 0 ||
    world.finished ||
    layout.kind === "line" ||
    isStopping(state, world.view)
  )
    return state;
  if (overlay !== undefined || state.prompt !== undefined || state.pending !== undefined) return state;
  const next = heldJobs(world.view).find((job) => !state.offered.has(holdKey(job)));
  if (next === undefined) return state;
  return {
    ...state,
    offered: new Set([...state.offered, holdKey(next)]),
    overlay: { kind: "held", job: next.jobId, openedAtMs: world.nowMs },
  };
}

function isStopping({ interrupts }: UiState, { stoppedAtMs }: RunView): boolean {
  return interrupts > 0 || stoppedAtMs !== undefined;
}

/** A step that fails again after it was retried is another attempt. */
function holdKey({ jobId, attempt }: HeldJob): string {
  return `${jobId} ${attempt}`;
}
