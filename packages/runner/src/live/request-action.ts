import { controlSocketPath } from "@loom/artifacts";
import { askRun, thisRequester, type ControlAction, type ControlError } from "@loom/control";

/** A run listens as soon as it has gone on for a moment, which is longer on a machine that has much to do. */
export const SOON = { waitMs: 3000 };

/** Why nothing can be asked of a run that has no socket path. */
export const UNREACHABLE: ControlError = {
  code: "RUN_UNREACHABLE",
  message: "A run that lies elsewhere, as a copy does, cannot be asked",
};

/**
 * Asks a run that goes on to do something, in the name of this process.
 *
 * @param directory - Absolute path of the run.
 * @returns Why it does not.
 */
export async function requestAction(
  directory: string,
  action: ControlAction,
): Promise<ControlError | undefined> {
  const socket = controlSocketPath(directory);
  if (socket === undefined) return UNREACHABLE;
  const asked = await askRun(socket, { ...action, by: thisRequester() }, SOON);
  return asked.ok ? undefined : asked.error;
}
