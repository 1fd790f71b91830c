import { constants } from "node:fs";
import { copyFile, lstat, mkdir, readlink, rm, rmdir, symlink, unlink } from "node:fs/promises";
import { errnoCode, isAbsent } from "@loom/system";
import { joinRaw, parentOf, pathBytes, type RawPath } from "../raw-path.ts";

/** The outcome for a path: copied; gone; a folder; or of a kind that is never copied. */
export type CopyOutcome =
  | { readonly kind: "file"; readonly executable: boolean; readonly sizeBytes: number }
  | { readonly kind: "symlink"; readonly aim: Buffer }
  | { readonly kind: "gone" | "folder" | "special" };

/**
 * Copies single paths from one tree into another, which nothing else changes.
 *
 * It never writes or removes through a symbolic link inside the target.
 */
export class TreeCopy {
  readonly #source: RawPath;
  readonly #target: RawPath;
  /** Folders of the target that are known to be real. */
  readonly #folders = new Map<RawPath, Promise<void>>();

  constructor(source: RawPath, target: RawPath) {
    this.#source = source;
    this.#target = target;
  }

  /**
   * Copies a file or a symbolic link, replacing whatever the target has there.
   *
   * Shares the file's blocks where the file system supports it; permissions are kept. If the source has no such
   * file, it is removed from the target.
   */
  async copy(path: RawPath): Promise<CopyOutcome> {
    const from = pathBytes(joinRaw(this.#source, path));
    const to = pathBytes(joinRaw(this.#target, path));
    try {
      const stats = await lstat(from);
      if (stats.isFile()) {
        await this.makeFolder(parentOf(path));
        await replacing(to, () => copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE));
        return { kind: "file", executable: (stats.mode & 0o100) !== 0, sizeBytes: stats.size };
      }
      if (stats.isSymbolicLink()) {
        const aim = await readlink(from, { encoding: "buffer" });
        await this.makeFolder(parentOf(path));
        await replacing(to, () => symlink(aim, to));
        return { kind: "symlink", aim };
      }
      if (!stats.isDirectory()) await this.remove(path);
      return { kind: stats.isDirectory() ? "folder" : "special" };
    } catch (thrown) {
      if (!isAbsent(thrown) || (await exists(from))) throw thrown;
      await this.remove(path);
      return { kind: "gone" };
    }
  }

  /** Removes a path, and parent folders that become empty. */
  async remove(path: RawPath): Promise<void> {
    if (!(await this.#isReached(path))) return;
    await rm(pathBytes(joinRaw(this.#target, path)), { recursive: true, force: true });
    for (let folder = parentOf(path); folder !== ""; folder = parentOf(folder)) {
      this.#folders.delete(folder);
      try {
        await rmdir(pathBytes(joinRaw(this.#target, folder)));
      } catch (thrown) {
        if (errnoCode(thrown) === "ENOENT") continue;
        return;
      }
    }
  }

  /** Creates a folder in the target with its parents; a file or link in the way is removed. */
  makeFolder(folder: RawPath): Promise<void> {
    if (folder === "") return Promise.resolve();
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const made = this.#makeFolder(folder);
    this.#folders.set(folder, made);
    return made;
  }

  async #makeFolder(folder: RawPath): Promise<void> {
    await this.makeFolder(parentOf(folder));
    const path = pathBytes(joinRaw(this.#target, folder));
    try {
      await mkdir(path);
    } catch (thrown) {
      if (errnoCode(thrown) !== "EEXIST") throw thrown;
      if ((await lstat(path)).isDirectory()) return;
      await unlink(path);
      await mkdir(path);
    }
  }

  /** Whether all parents of a path in the target are real folders. */
  async #isReached(path: RawPath): Promise<boolean> {
    const folders: RawPath[] = [];
    for (let folder = parentOf(path); folder !== ""; folder = parentOf(folder)) folders.unshift(folder);
    for (const folder of folders) {
      try {
        if (!(await lstat(pathBytes(joinRaw(this.#target, folder)))).isDirectory()) return false;
      } catch (thrown) {
        if (isAbsent(thrown)) return false;
        throw thrown;
      }
    }
    return true;
  }
}

async function exists(path: Buffer): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (isAbsent(thrown)) return false;
    throw thrown;
  }
}

async function replacing(path: Buffer, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (thrown) {
    if (errnoCode(thrown) !== "EEXIST") throw thrown;
    await clear(path);
    await make();
  }
}

/** Usually a file, for which checking first would cost more than removing it. */
async function clear(path: Buffer): Promise<void> {
  try {
    await unlink(path);
  } catch {
    await rm(path, { recursive: true, force: true });
  }
}
