import { isAbsolute, join } from "node:path";
import { WorkspaceFault } from "../workspace-error.ts";
import type { SnapshotGit } from "./git.ts";

/** The locations of a checkout. */
export interface Repository {
  /** Top of the work tree. Absolute, symbolic links resolved. */
  readonly top: string;
  /** This checkout's `.git`: HEAD and index. */
  readonly gitFolder: string;
  /** The `.git` that linked work trees share: objects, refs, configuration. */
  readonly commonFolder: string;
  /** `sha1` or `sha256`. */
  readonly objectFormat: string;
}

/**
 * Asks git which repository a folder belongs to.
 *
 * @returns `undefined` if it belongs to none.
 */
export async function readRepository(git: SnapshotGit, folder: string): Promise<Repository | undefined> {
  const args = [
    "rev-parse",
    "--show-object-format",
    "--show-toplevel",
    "--absolute-git-dir",
    "--git-common-dir",
  ];
  const call = { cwd: folder, args };
  const end = await git.try(call);
  if (end.exitCode !== 0) {
    if (/not a git repository \(or any/.test(end.stderr)) return undefined;
    throw await git.fault(call, end);
  }
  const lines = end.stdout.toString("utf8").replace(/\n$/, "").split("\n");
  const [objectFormat, top, gitFolder, common] = lines;
  if (
    objectFormat === undefined ||
    top === undefined ||
    gitFolder === undefined ||
    common === undefined ||
    lines.length > 4
  ) {
    throw new WorkspaceFault({
      code: "WORKSPACE_GIT_FAILED",
      message: `Cannot snapshot "${folder}": there is a line break in the path of the repository. Move it, or work in the folder itself with --in-place`,
      path: folder,
    });
  }
  return { objectFormat, top, gitFolder, commonFolder: isAbsolute(common) ? common : join(folder, common) };
}
