import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { nameOfTemporary } from "@loom/system";

/** Folder of all workspaces. */
export function workspacesFolder(cacheHome: string): string {
  return join(cacheHome, "loom/workspaces");
}

/**
 * Folder of the workspaces of one repository: its name, and a hash of where it is.
 *
 * @param source - What is snapshotted: top of the work tree, or the folder. Absolute, symbolic links resolved.
 */
export function groupFolder(cacheHome: string, source: string): string {
  const name =
    basename(source)
      .replaceAll(/[^\w.-]/g, "_")
      .replace(/^\.+/, "")
      .slice(0, 64) || "root";
  const hash = createHash("sha256").update(source).digest("hex").slice(0, 12);
  return join(workspacesFolder(cacheHome), `${name}-${hash}`);
}

/** Folder, in that of a repository, with a note about each workspace. */
export const OWNERS = ".owners";

/** How the name of a workspace begins while it is removed. */
export const TRASH = ".trash-";

/** Folder, in that of a repository, with the copies of each workspace. */
export const COPIES = ".copies";

/** Where the copies of a workspace are: beside it, so that no tool in one that looks upwards finds it. */
export function copiesFolder(root: string): string {
  return join(dirname(root), COPIES, basename(root));
}

/** The workspace that a file in {@link OWNERS} is about: its note, or one that never got to its place. */
export function ownedName(file: string): string {
  return (nameOfTemporary(file) ?? file).replace(/\.json$/, "");
}

/** Path of the note of its owner: beside the workspace, because jobs own everything in it. */
export function ownerPath(root: string): string {
  return join(dirname(root), OWNERS, `${basename(root)}.json`);
}
