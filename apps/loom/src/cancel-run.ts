import { controlSocketPath } from "@loom/artifacts";
import { askRun, thisRequester } from "@loom/control";
import type { JobId } from "@loom/core";

/**
 * Asks a run that goes on to cancel one job, or itself.
 *
 * @param directory - Absolute path of the run.
 * @returns Why it does not.
 */
export async function cancelRun(directory: string, job: JobId | undefined): Promise<string | undefined> {
  const socket = controlSocketPath(directory);
  if (socket === undefined) return "a run that lies elsewhere, as a copy does, cannot be asked";
  const by = thisRequester();
  const asked = await askRun(
    socket,
    job === undefined ? { request: "cancel", by } : { request: "cancel_job", job_id: job, by },
    { waitMs: 1000 },
  );
  return asked.ok ? undefined : asked.error.message;
}
