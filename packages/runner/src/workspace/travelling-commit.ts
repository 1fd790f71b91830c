import { err } from "@loom/core";
import type { TravellingCommit } from "@loom/remote";
import type { Environment } from "@loom/system";
import { exportHistory } from "@loom/workspace";

/** The commit of a workspace, for jobs that work elsewhere. */
export function travellingCommit(sha: string, env: Environment, signal: AbortSignal): TravellingCommit {
  return {
    sha,
    pack: async (root, to) => {
      const packed = await exportHistory(root, to, { env, signal });
      return packed.ok ? packed : err({ code: packed.error.code, message: packed.error.message });
    },
  };
}
