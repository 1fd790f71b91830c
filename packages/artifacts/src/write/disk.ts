import { closeSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { DIRECTORY_MODE, FILE_MODE } from "../layout/run-files.ts";
import { removeFile } from "@loom/system";

/**
 * All that a recorder needs from a disk: the few `node:fs` calls that it makes.
 *
 * Each takes effect before it returns, and throws an error with `code` and
 * `syscall` when the operating system refuses. Paths are absolute.
 */
export interface Disk {
  /** Opens a file to write at its end; creates it where it is missing. Returns its descriptor. */
  openToAppend(path: string): number;
  /** Writes `length` bytes of `bytes` from `offset` on. Returns how many were written, which may be fewer. */
  write(descriptor: number, bytes: Uint8Array, offset: number, length: number): number;
  /** Gives a descriptor back. */
  close(descriptor: number): void;
  /** Creates one directory. `EEXIST` when it exists, `ENOENT` when its parent does not. */
  makeDirectory(path: string): void;
  /** Writes a whole file, in place of what it held. */
  writeFile(path: string, text: string): void;
  /** Moves a file, replacing what is at `to`, or a directory. */
  rename(from: string, to: string): void;
  /** Removes a file, if it exists. */
  remove(path: string): void;
}

/** The disk of this machine. What is created is for its owner only. */
export const SYSTEM_DISK: Disk = {
  openToAppend: (path) => openSync(path, "a", FILE_MODE),
  write: writeSync,
  close: closeSync,
  makeDirectory: (path) => mkdirSync(path, DIRECTORY_MODE),
  writeFile: (path, text) => writeFileSync(path, text, { mode: FILE_MODE }),
  rename: renameSync,
  remove: (path) => removeFile(path),
};
