import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { nameOfTemporary } from "@loom/system";

/** The folder of all workspaces. */
export function workspacesFolder(cacheHome: string): string {
  return join(cacheHome, "loom/workspaces");
}

/**
 * The folder of one repository's workspaces: its name, and a hash of its path.
 *
 * @param source - What was snapshotted: top of the work tree, or the folder. Absolute, symbolic links resolved.
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

/** The folder, in a repository's group, with a note about each workspace. */
export const OWNERS = ".owners";

/** Prefix of a workspace's name while it is being removed. */
export const TRASH = ".trash-";

/** The folder, in a repository's group, with the copies of each workspace. */
export const COPIES = ".copies";

/**
 * The folder of a workspace's copies: beside it, so that tools in a copy that search upwards do not find the
 * workspace.
 */
export function copiesFolder(root: string): string {
  return join(dirname(root), COPIES, basename(root));
}

/**
 * The workspace that a file in {@link OWNERS} is about; the file is its note, or a note that was never renamed
 * into place.
 */
export function ownedName(file: string): string {
  return (nameOfTemporary(file) ?? file).replace(/\.json$/, "");
}

/** The path of a workspace's owner note: outside the workspace, because jobs can change everything in it. */
export function ownerPath(root: string): string {
  return join(dirname(root), OWNERS, `${basename(root)}.json`);
}
