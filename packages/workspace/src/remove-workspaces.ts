import { join } from "node:path";
import { err, ok, type EpochMs, type Result } from "@loom/core";
import { errorOf } from "./error-of.ts";
import { Git } from "./git/git.ts";
import { locateSource } from "./locate-source.ts";
import { listNames } from "./store/list-workspaces.ts";
import { removeEmpty } from "./store/prune-abandoned.ts";
import { pruneGroup, type RemovedWorkspaces } from "./store/prune-group.ts";
import { groupFolder, OWNERS, workspacesFolder } from "./store/workspace-place.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/** Which workspaces to remove. */
export interface RemoveOptions {
  readonly cacheHome: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: EpochMs;
  /** Those of this project's repository. Default: those of all repositories, also of ones that are gone. */
  readonly projectFolder?: string;
  /** Default: `git`. */
  readonly git?: string;
}

/** Removes all workspaces of one repository, or of all, but those in use. */
export async function removeWorkspaces(
  options: RemoveOptions,
): Promise<Result<RemovedWorkspaces, WorkspaceError>> {
  try {
    const results: RemovedWorkspaces[] = [];
    for (const group of await groups(options)) {
      results.push(await pruneGroup(group, 0, options.nowMs));
      await removeEmpty(join(group, OWNERS));
      await removeEmpty(group);
    }
    return ok({
      removed: results.flatMap(({ removed }) => removed),
      inUse: results.flatMap(({ inUse }) => inUse),
      failed: results.flatMap(({ failed }) => failed),
    });
  } catch (thrown) {
    return err(errorOf(thrown, `remove workspaces in "${options.cacheHome}"`));
  }
}

async function groups({ cacheHome, env, projectFolder, git }: RemoveOptions): Promise<string[]> {
  const all = workspacesFolder(cacheHome);
  if (projectFolder === undefined) return (await listNames(all)).map((name) => join(all, name));
  const calls = new Git({ program: git ?? "git", env, signal: new AbortController().signal });
  const { folder } = await locateSource(calls, projectFolder);
  return [groupFolder(cacheHome, folder)];
}
