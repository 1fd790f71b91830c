import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { isAbsent } from "@loom/system";
import type { SnapshotGit } from "./git/git.ts";
import { readRepository, type Repository } from "./git/read-repository.ts";
import { WorkspaceFault } from "./workspace-error.ts";

/** What a workspace is made from. */
export interface Source {
  /** Top of the work tree, or the project's folder if it is not in a repository. Absolute, symbolic links resolved. */
  readonly folder: string;
  /** The project's path in it; empty when it is the project's folder. */
  readonly below: string;
  /** Absent for a plain folder. */
  readonly repository?: Repository;
}

/**
 * Finds what to snapshot for a project.
 *
 * This is the whole repository, wherever the project is in it: a project in a monorepo uses what is beside it.
 * A folder that its repository ignores (a project in a home folder under git) is treated as a plain folder.
 */
export async function locateSource(git: SnapshotGit, projectFolder: string): Promise<Source> {
  const folder = await resolveFolder(projectFolder);
  // Without a repository, git is not needed.
  if (!(await hasRepository(folder))) return { folder, below: "" };
  const repository = await readRepository(git, folder);
  if (repository === undefined) return { folder, below: "" };
  const below = relative(repository.top, folder);
  if (below !== "" && (await isIgnored(git, repository.top, below))) return { folder, below: "" };
  return { folder: repository.top, below, repository };
}

/** The folder of a project, symbolic links resolved. */
export async function resolveFolder(path: string): Promise<string> {
  try {
    const folder = await realpath(path);
    if ((await stat(folder)).isDirectory()) return folder;
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
  }
  throw new WorkspaceFault({
    code: "WORKSPACE_SOURCE_MISSING",
    message: `Cannot make a workspace of "${path}": there is no such folder`,
    path,
  });
}

async function hasRepository(from: string): Promise<boolean> {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      await lstat(join(folder, ".git"));
      return true;
    } catch (thrown) {
      if (!isAbsent(thrown)) throw thrown;
    }
    if (dirname(folder) === folder) return false;
  }
}

async function isIgnored(git: SnapshotGit, top: string, below: string): Promise<boolean> {
  const call = { cwd: top, args: ["check-ignore", "--quiet", "--", below] };
  const end = await git.try(call);
  if (end.exitCode === 0 || end.exitCode === 1) return end.exitCode === 0;
  throw await git.fault(call, end);
}
