import { endLeftWorker } from "@loom/runner/worker";
import type { ProcessIo } from "../process-io.ts";

/**
 * What is done when a worker was killed: its jobs are ended, and its folder goes.
 *
 * @param folder - Absolute path of the worker's folder.
 * @param ownerPid - Number of the process that is gone.
 */
export async function afterWorkerDeathCommand(
  folder: string,
  ownerPid: string,
  { env }: Pick<ProcessIo, "env">,
): Promise<number> {
  await endLeftWorker(folder, { ownerPid: Number(ownerPid), justDied: true, env });
  return 0;
}
