import type { JobProvider } from "@loom/ports";
import { preparingFirst } from "../providers/preparing-first.ts";
import type { OwnWorkspaces } from "./own-workspaces.ts";

/**
 * A provider whose jobs get their own workspaces before they are set up, in the first section that it opens.
 *
 * @param worksThere - Whether jobs work in them. Those on workers have files there that are on their way. Default: true.
 */
export function inOwnWorkspace(provider: JobProvider, own: OwnWorkspaces, worksThere = true): JobProvider {
  return preparingFirst(provider, async (job, section, stop) => {
    const result = await own.make(job.jobId, stop.terminate);
    const { projectDir, snapshotPath } = own.placeOf(job.jobId);
    if (result.ok && worksThere)
      section.log("info", "The job works in a workspace of its own", {
        workspace: projectDir,
        snapshot_path: snapshotPath,
      });
    return result;
  });
}
