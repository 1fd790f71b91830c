import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { err, ok, type EpochMs, type Result, type RunId } from "@loom/core";
import { errnoCode, isAbsent } from "@loom/system";
import { copyFolder } from "./copy/copy-folder.ts";
import { errorOf } from "./error-of.ts";
import { cancelled, SnapshotGit } from "./git/git.ts";
import { checkOutCommit } from "./git/check-out-commit.ts";
import { locateIndex } from "./git/locate-index.ts";
import { snapshotRepository } from "./git/snapshot-repository.ts";
import { locateSource, resolveFolder, type Source } from "./locate-source.ts";
import { rawPath, showPath } from "./raw-path.ts";
import { discard } from "./store/discard.ts";
import { ownNote, takeOwnerNote, writeOwnerNote, type OwnerNote } from "./store/owner-note.ts";
import { groupFolder } from "./store/workspace-place.ts";
import { WorkspaceFault, type WorkspaceError } from "./workspace-error.ts";
import type { Workspace } from "./workspace.ts";
import { noRepository } from "./workspace-warning.ts";

/** What to make a workspace from, and for which run. */
export interface WorkspaceOptions {
  /** The folder that holds `.loom`. */
  readonly projectFolder: string;
  /** Value of `XDG_CACHE_HOME`, or `~/.cache`. Absolute, and outside what is snapshotted. */
  readonly cacheHome: string;
  /** Names the workspace; a run has only one. */
  readonly runId: RunId;
  /** The caller's environment. Variables that tie git to one repository are dropped. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Determines which workspaces are the newest. */
  readonly nowMs: EpochMs;
  /** Aborting it stops the work and removes what was created. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Treats the project as a plain folder, without `.git`, even if it is in a repository: for one that git
   * refuses. Default: false.
   */
  readonly plain?: boolean | undefined;
  /**
   * Snapshots what is staged: HEAD and the changes in the index, and nothing that is only on disk. The index is
   * the repository's, or the one that git substitutes for a hook. Default: the checkout as it is on disk.
   */
  readonly staged?:
    | {
        /** Value of `GIT_INDEX_FILE`: as git passes it to a hook, absolute or relative to the top of the work tree. */
        readonly indexFile?: string | undefined;
      }
    | undefined;
  /** Snapshots this commit, given by its full name, instead of the checkout. Excludes `plain` and `staged`. */
  readonly revision?: string | undefined;
  /** The git program. Default: `git`, looked up in `PATH` of `env`. */
  readonly git?: string | undefined;
}

/**
 * Makes a disposable snapshot of a repository as CI would see it, with its uncommitted changes.
 *
 * The original is only read: no lock, ref or index is written. This process owns the snapshot until
 * `releaseWorkspace`, or until it ends.
 *
 * @returns The workspace, or why it failed; then nothing of it is left.
 */
export async function createWorkspace(options: WorkspaceOptions): Promise<Result<Workspace, WorkspaceError>> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  options.signal?.addEventListener("abort", end, { once: true });
  if (options.signal?.aborted === true) end();
  try {
    return ok(await make(options, stop));
  } catch (thrown) {
    if (options.signal?.aborted === true) return err(cancelled().error);
    return err(errorOf(thrown, `make a workspace of "${options.projectFolder}"`));
  } finally {
    options.signal?.removeEventListener("abort", end);
  }
}

async function make(options: WorkspaceOptions, stop: AbortController): Promise<Workspace> {
  if (stop.signal.aborted) throw cancelled();
  const git = new SnapshotGit({ program: options.git ?? "git", env: options.env, signal: stop.signal });
  const source: Source =
    options.plain === true
      ? { folder: await resolveFolder(options.projectFolder), below: "" }
      : await locateSource(git, options.projectFolder);
  const { staged, revision } = options;
  if (staged !== undefined && source.repository === undefined) throw nothingStaged(source.folder);
  if (revision !== undefined && source.repository === undefined) throw noCommits(source.folder);
  await refuseInside(source, options.cacheHome);
  const root = join(groupFolder(options.cacheHome, source.folder), options.runId);
  const note = ownNote(source.folder, options.nowMs);
  await takeRoot(root, note);
  try {
    const filled = await fill(source, root, { git, stop, staged, revision, plain: options.plain });
    await mkdir(filled.projectFolder, { recursive: true });
    if (stop.signal.aborted) throw cancelled();
    writeOwnerNote(root, { ...note, state: "in_use" });
    return filled;
  } catch (thrown) {
    stop.abort();
    await removeHalfMade(root);
    throw thrown;
  }
}

/** How to fill a workspace. */
export interface FillParts {
  readonly git: SnapshotGit;
  readonly stop: AbortController;
  readonly staged?: WorkspaceOptions["staged"];
  readonly revision?: WorkspaceOptions["revision"];
  readonly plain?: WorkspaceOptions["plain"];
}

/** Turns an empty folder into a snapshot. */
export async function fill(
  source: Source,
  root: string,
  { git, stop, staged, revision, plain }: FillParts,
): Promise<Workspace> {
  const place = { root, projectFolder: join(root, source.below), sourceFolder: source.folder };
  if (source.repository === undefined) {
    const check = (): void => {
      if (stop.signal.aborted) throw cancelled();
    };
    const copied = await copyFolder(rawPath(source.folder), rawPath(root), check);
    return {
      ...place,
      treeHash: copied.treeHash,
      warnings: [noRepository(source.folder, plain === true), ...copied.warnings],
    };
  }
  const repository = source.repository;
  const made =
    revision === undefined
      ? await snapshotRepository({
          git,
          stop,
          repository,
          target: root,
          prefix: rawPath(""),
          ...(staged !== undefined && { stagedIn: locateIndex(repository, staged.indexFile) }),
        })
      : await checkOutCommit(git, repository, { target: root, revision });
  const { headSha, branch, commitMessage, dirtyFiles, untrackedFiles, treeHash, warnings } = made;
  return {
    ...place,
    checkout: {
      ...(headSha !== undefined && { headSha }),
      ...(branch !== undefined && { branch }),
      ...(commitMessage !== undefined && { commitMessage }),
      dirtyFiles: dirtyFiles.map(showPath),
      untrackedFiles: untrackedFiles.map(showPath),
    },
    treeHash,
    warnings,
  };
}

/**
 * Writes the owner note, then creates the workspace's folder: in this order, so that no clean-up finds a folder
 * without an owner. A clean-up may remove the empty parents meanwhile; then they are created again.
 */
async function takeRoot(root: string, note: OwnerNote): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!(await takeOwnerNote(root, note))) throw taken(root);
      await mkdir(root, { mode: 0o700 });
      return;
    } catch (thrown) {
      if (errnoCode(thrown) === "EEXIST") throw taken(root);
      if (errnoCode(thrown) !== "ENOENT" || attempt === 3) throw thrown;
    }
  }
}

/** The fault for a staged snapshot of a folder that is not in a repository. */
export function nothingStaged(folder: string): WorkspaceFault {
  return new WorkspaceFault({
    code: "WORKSPACE_NOTHING_STAGED",
    message: `Cannot snapshot what is staged in "${folder}": it is not in a git repository. Leave out --staged to use the folder as it is`,
    path: folder,
  });
}

function noCommits(folder: string): WorkspaceFault {
  return new WorkspaceFault({
    code: "WORKSPACE_GIT_FAILED",
    message: `Cannot snapshot a commit of "${folder}": it is not in a git repository`,
    path: folder,
  });
}

function taken(root: string): WorkspaceFault {
  return new WorkspaceFault({
    code: "WORKSPACE_EXISTS",
    message: `Cannot make the workspace "${root}": this run already has one. Give the run a different id, or remove it with "loom clean"`,
    path: root,
  });
}

/** Ignores failures: the original error matters more, and the next clean-up tries again. */
async function removeHalfMade(root: string): Promise<void> {
  try {
    await discard(root);
  } catch (thrown) {
    if (errnoCode(thrown) === undefined) throw thrown;
  }
}

/**
 * A workspace inside its own source would be included in the next snapshot, and tools in it would find the
 * original.
 */
async function refuseInside(source: Source, cacheHome: string): Promise<void> {
  const place = relative(source.folder, await resolveExisting(cacheHome));
  if (place.startsWith("..") || isAbsolute(place)) return;
  throw new WorkspaceFault({
    code: "WORKSPACE_CACHE_INSIDE_SOURCE",
    message: `Cannot make a workspace in "${cacheHome}": it is inside "${source.folder}", which would be snapshotted. Set XDG_CACHE_HOME to a folder outside it, or work in the folder itself with --in-place`,
    path: cacheHome,
  });
}

async function resolveExisting(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (thrown) {
    if (!isAbsent(thrown) || dirname(path) === path) throw thrown;
    return join(await resolveExisting(dirname(path)), basename(path));
  }
}
