import { ok, runIdentity, type Result } from "@loom/core";
import type { RecordedFacts } from "@loom/diagnosis";
import type { Clock } from "@loom/ports";
import type { Environment } from "@loom/system";
import { createWorkspace, discardWorkspace } from "@loom/workspace";
import { readGitFacts } from "../bootstrap/git-facts.ts";

/** The checkout to look at. */
export interface CurrentFilesOptions {
  /** Absolute path of the folder that holds `.loom`. */
  readonly projectFolder: string;
  /** Absolute. */
  readonly cacheHome: string;
  readonly env: Environment;
  readonly clock: Clock;
}

/** What names the files that a run is about. */
export type RecordedFiles = Pick<RecordedFacts, "treeHash" | "headSha" | "uncommitted">;

/** What a run in place would record of the files as they are now. */
export async function currentCommit({ projectFolder, env }: CurrentFilesOptions): Promise<RecordedFiles> {
  const git = await readGitFacts(projectFolder, { env, stop: new AbortController().signal });
  if (!git.ok || git.value === undefined) return {};
  const { headSha, dirtyFiles, untrackedFiles } = git.value;
  return { headSha, uncommitted: [...dirtyFiles, ...untrackedFiles] };
}

/** What a run in a snapshot would record of them: one is made for that, and removed. */
export async function currentTree({
  projectFolder,
  cacheHome,
  env,
  clock,
}: CurrentFilesOptions): Promise<Result<RecordedFiles, { readonly message: string }>> {
  const nowMs = clock.now();
  const ns = BigInt(Math.floor(nowMs)) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
  const made = await createWorkspace({
    projectFolder,
    cacheHome,
    env,
    runId: runIdentity(ns).runId,
    nowMs,
  });
  if (!made.ok) return made;
  await discardWorkspace(made.value.root);
  return ok({ treeHash: made.value.treeHash });
}
