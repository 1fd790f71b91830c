import { chmodSync, lstatSync, readdirSync, realpathSync, renameSync, unlinkSync, type Stats } from "node:fs";
import { errnoCode } from "@loom/system";
import { diskPath, displayName, type ByteName } from "./byte-name.ts";

/**
 * Moves staged files into the workspace, folder by folder.
 *
 * What is missing is moved whole, with one rename. Existing folders are merged; existing files and links are
 * replaced atomically. No folder is ever removed, and nothing is moved through a link that leads out of the
 * workspace.
 *
 * @param staging - On the same file system as the workspace. Empty folders may remain in it.
 * @param closed - Staged folders whose mode is set only at their destination, innermost first: a folder that
 *   its owner may not write to cannot be moved.
 * @returns What could not be moved and why, one sentence each.
 */
export function moveIntoPlace(
  staging: string,
  workspace: string,
  closed: readonly ClosedDirectory[],
): string[] {
  const refused: string[] = [];
  const modes = new Map(closed.map(({ name, mode }) => [name, mode]));
  fill({ staging, workspace, closed: modes, root: realpathSync(workspace), refused }, "");
  return refused;
}

/** A folder that its owner may not write to. */
export interface ClosedDirectory {
  readonly name: ByteName;
  readonly mode: number;
}

interface Move {
  readonly staging: string;
  readonly workspace: string;
  /** Modes of folders that their owner may not write to, innermost first. */
  readonly closed: ReadonlyMap<ByteName, number>;
  readonly root: string;
  readonly refused: string[];
}

function fill(move: Move, folder: ByteName): void {
  const mode = move.closed.get(folder);
  const there = diskPath(move.workspace, folder);
  // An earlier restore made it read-only; open it so that entries can be moved in.
  if (mode !== undefined) chmodSync(there, mode | 0o700);
  const entries = readdirSync(diskPath(move.staging, folder), { withFileTypes: true, encoding: "latin1" });
  for (const entry of entries) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    moveOne(move, name, entry.isDirectory());
  }
  if (mode !== undefined) chmodSync(there, mode);
}

/** Another job may write to the same path meanwhile; then the move is retried. */
const TRIES = 8;

function moveOne(move: Move, name: ByteName, isDirectory: boolean): void {
  const from = diskPath(move.staging, name);
  const to = diskPath(move.workspace, name);
  for (let attempt = 1; ; attempt++) {
    const there = statIfThere(to);
    if (isDirectory && there !== undefined) {
      if (there.isDirectory()) return fill(move, name);
      if (there.isSymbolicLink()) return throughLink(move, name);
    } else if (there?.isDirectory() === true) {
      return refuse(move, name, "the workspace has a folder of this name");
    }
    try {
      if (isDirectory && there !== undefined) unlinkSync(to);
      renameSync(from, to);
      return isDirectory ? closeBelow(move, name) : undefined;
    } catch (error) {
      if (attempt === TRIES || !RACES.has(errnoCode(error) ?? "")) throw error;
    }
  }
}

const RACES = new Set(["ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR", "ENOENT"]);

function closeBelow(move: Move, moved: ByteName): void {
  for (const [name, mode] of move.closed) {
    if (name === moved || name.startsWith(`${moved}/`)) chmodSync(diskPath(move.workspace, name), mode);
  }
}

/** A link that stays inside is another name for a folder of the workspace. */
function throughLink(move: Move, name: ByteName): void {
  const target = realFolder(diskPath(move.workspace, name));
  if (target !== undefined && (target === move.root || target.startsWith(`${move.root}/`))) {
    return fill(move, name);
  }
  refuse(move, name, "the workspace has a link of this name that leads out of it");
}

function realFolder(path: string | Buffer): string | undefined {
  try {
    const real = realpathSync(path);
    return lstatSync(real).isDirectory() ? real : undefined;
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR" || code === "EACCES") return undefined;
    throw error;
  }
}

function statIfThere(path: string | Buffer): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function refuse(move: Move, name: ByteName, why: string): void {
  move.refused.push(`"${displayName(name)}" is not restored: ${why}`);
}
