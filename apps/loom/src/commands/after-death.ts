import { endLeftovers } from "@loom/runner/dead-runs";
import type { ProcessIo } from "../process-io.ts";

/**
 * What is done when a loom was killed: its jobs are ended. Its evidence is
 * closed by the next run, or by `loom recover`.
 *
 * @param runDirectory - Absolute path.
 * @param ownerPid - Number of the loom that is gone.
 */
export async function afterDeathCommand(
  runDirectory: string,
  ownerPid: string,
  { env }: Pick<ProcessIo, "env">,
): Promise<number> {
  await endLeftovers(runDirectory, { ownerPid: Number(ownerPid), justDied: true, env });
  return 0;
}
