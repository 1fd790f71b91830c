import { systemErrorOf } from "@loom/system";
import type { Disk } from "./disk.ts";

/** A directory among others. */
export interface DirectoryPlace {
  readonly directories: Directories;
  /** Relative to their root, ending in `/`. */
  readonly directory: string;
}

/**
 * Creates directories below a root, each once and only when something goes into it.
 *
 * It remembers what it made, so that a directory costs one call and a second
 * file in it none.
 */
export class Directories {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #parent: DirectoryPlace | undefined;
  readonly #made = new Set<string>();

  /**
   * @param disk - Where they are created.
   * @param root - Absolute path, ending in `/`. Made when it is not there.
   * @param parent - The directory above the root. Default: an existing one.
   */
  constructor(disk: Disk, root: string, parent?: DirectoryPlace) {
    this.#disk = disk;
    this.#root = root;
    this.#parent = parent;
  }

  /**
   * Makes sure that a directory exists.
   *
   * @param directory - Relative to the root, ending in `/`; empty for the root itself.
   * @throws The operating system's error. The next call tries again.
   */
  ensure(directory: string): void {
    if (this.#made.has(directory)) return;
    if (directory === "") this.#parent?.directories.ensure(this.#parent.directory);
    else this.ensure(directory.slice(0, directory.lastIndexOf("/", directory.length - 2) + 1));
    try {
      this.#disk.makeDirectory(this.#root + directory);
    } catch (cause) {
      if (systemErrorOf(cause).code !== "EEXIST") throw cause;
    }
    this.#made.add(directory);
  }

  /** Forgets a directory, and all below it, that was moved away. */
  forget(directory: string): void {
    for (const made of this.#made) {
      if (made.startsWith(directory)) this.#made.delete(made);
    }
  }

  /** Takes nothing for granted any more, up to the top: something turned out not to be as it was. */
  invalidate(): void {
    this.#made.clear();
    this.#parent?.directories.invalidate();
  }
}
