import { listRuns, type RunReader } from "@loom/artifacts";
import type { ChangesOptions } from "@loom/diagnosis";
import { createGit } from "@loom/system";
import { findRunsRoot } from "./find-runs-root.ts";
import type { ProcessIo } from "./process-io.ts";

/** Where earlier runs of the same repository are, and who knows its commits. */
export async function changesOptions(
  run: RunReader,
  env: ProcessIo["env"],
): Promise<ChangesOptions | undefined> {
  const root = findRunsRoot(run.directory);
  const runs = root === undefined ? undefined : await listRuns(root);
  return root === undefined || runs?.ok !== true
    ? undefined
    : { runs: runs.value, git: createGit(root, { env }) };
}
