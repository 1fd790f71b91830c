import type { JobProvider } from "@loom/ports";
import { preparingFirst } from "../providers/preparing-first.ts";
import type { OwnWorkspaces } from "./own-workspaces.ts";

/** A provider whose jobs get their own workspaces before they are set up, in the first section that it opens. */
export function inOwnWorkspace(provider: JobProvider, own: OwnWorkspaces): JobProvider {
  return preparingFirst(provider, async (job, section, stop) => {
    const result = await own.make(job.jobId, stop.terminate);
    const { projectDir, snapshotPath } = own.placeOf(job.jobId);
    if (result.ok)
      section.log("info", "The job works in a workspace of its own", {
        workspace: projectDir,
        snapshot_path: snapshotPath,
      });
    return result;
  });
}
