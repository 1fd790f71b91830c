import { findRunsRoot, listRuns, type RunReader } from "@loom/artifacts";
import { createGit, type GitOptions } from "@loom/system";
import type { ChangesOptions } from "./changes-since.ts";

/** Where earlier runs of the same repository are, and who knows its commits. */
export async function changesOptions(
  run: RunReader,
  env: GitOptions["env"],
): Promise<ChangesOptions | undefined> {
  const root = findRunsRoot(run.directory);
  const runs = root === undefined ? undefined : await listRuns(root);
  return root === undefined || runs?.ok !== true
    ? undefined
    : { runs: runs.value, git: createGit(root, { env }) };
}
