import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { err, ok, type Result } from "@loom/core";
import { makeDirectories } from "@loom/system";
import { fill } from "./create-workspace.ts";
import { errorOf } from "./error-of.ts";
import { cancelled, SnapshotGit } from "./git/git.ts";
import { readRepository } from "./git/read-repository.ts";
import { discardCopy } from "./store/discard.ts";
import { copiesFolder } from "./store/workspace-place.ts";
import { WorkspaceFault, type WorkspaceError } from "./workspace-error.ts";
import type { Workspace } from "./workspace.ts";

/** What to copy, and for which workspace. */
export interface CopyOptions {
  /** Must not be written to meanwhile. */
  readonly from: Workspace;
  /** Top of the workspace that the copy belongs to, with which it is kept and removed. */
  readonly root: string;
  /** Name of the copy, unique within that workspace. An existing copy of this name is replaced. */
  readonly name: string;
  /** The caller's environment. Variables that tie git to one repository are dropped. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborting it stops the work and removes what was created. */
  readonly signal?: AbortSignal | undefined;
  /** Default: `git`. */
  readonly git?: string | undefined;
}

/** Where a copy is. */
export type CopyPlace = Pick<Workspace, "root" | "projectFolder">;

/** Where a workspace's copy will be. */
export function copyPlace({ from, root, name }: Pick<CopyOptions, "from" | "root" | "name">): CopyPlace {
  const copy = join(copiesFolder(root), name);
  return { root: copy, projectFolder: join(copy, relative(from.root, from.projectFolder)) };
}

/**
 * Copies a workspace as it is, the same way as it was made, at the cost of a snapshot.
 *
 * @returns The copy, or why it failed; then nothing of it is left.
 */
export async function copyWorkspace(options: CopyOptions): Promise<Result<Workspace, WorkspaceError>> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  options.signal?.addEventListener("abort", end, { once: true });
  if (options.signal?.aborted === true) end();
  const { root } = copyPlace(options);
  try {
    return ok(await make(options, stop));
  } catch (thrown) {
    stop.abort();
    const error = errorOf(thrown, `copy the workspace "${options.from.root}"`);
    await discardCopy(options.root, root);
    return err(options.signal?.aborted === true ? cancelled().error : error);
  } finally {
    options.signal?.removeEventListener("abort", end);
  }
}

async function make(options: CopyOptions, stop: AbortController): Promise<Workspace> {
  const { from } = options;
  const place = copyPlace(options);
  await discardCopy(options.root, place.root);
  makeDirectories(place.root, 0o700);
  const git = new SnapshotGit({ program: options.git ?? "git", env: options.env, signal: stop.signal });
  // A plain folder stays one, even if a repository contains the cache.
  const repository = from.checkout === undefined ? undefined : await readRepository(git, from.root);
  if (from.checkout !== undefined && repository?.top !== from.root) throw damaged(from.root);
  const below = relative(from.root, from.projectFolder);
  const source = { folder: from.root, below, ...(repository !== undefined && { repository }) };
  const { treeHash } = await fill(source, place.root, { git, stop });
  await mkdir(place.projectFolder, { recursive: true });
  if (stop.signal.aborted) throw cancelled();
  return { ...from, ...place, treeHash };
}

function damaged(root: string): WorkspaceFault {
  return new WorkspaceFault({
    code: "WORKSPACE_GIT_FAILED",
    message: `Cannot copy the workspace "${root}": it is not a git repository any more. Run again for a new one`,
    path: root,
  });
}
