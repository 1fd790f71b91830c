import { linkSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSystemError, systemErrorOf } from "./system-error.ts";
import { removeFile } from "./remove-file.ts";

/** Files are for their owner only: evidence and notes may name what a user keeps to himself. */
const FILE_MODE = 0o600;

/** The few calls that replacing a file makes. Each throws the operating system's error. */
export interface FileCalls {
  /** Writes a whole file, in place of what it held. */
  writeFile(path: string, contents: string | Uint8Array): void;
  /** Moves a file, replacing what is at `to`. */
  rename(from: string, to: string): void;
  /** Removes a file, if it exists. */
  remove(path: string): void;
}

const SYSTEM_CALLS: FileCalls = {
  writeFile: (path, contents) => writeFileSync(path, contents, { mode: FILE_MODE }),
  rename: renameSync,
  remove: (path) => removeFile(path),
};

/**
 * Puts a file in its place, whole or not at all: under another name in the same
 * directory first, then renamed.
 *
 * @param calls - Default: those of this machine.
 * @throws The operating system's error; then nothing is left behind.
 */
export function replaceFile(
  path: string,
  contents: string | Uint8Array,
  calls: FileCalls = SYSTEM_CALLS,
): void {
  const temporary = temporaryPath(path);
  try {
    calls.writeFile(temporary, contents);
    calls.rename(temporary, path);
  } catch (cause) {
    removeQuietly(temporary, calls);
    throw cause;
  }
}

/** What a file system without hard links returns. */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Puts a file in its place, whole, unless there is one already; of several
 * processes that do so at the same time one succeeds.
 *
 * @returns Whether it was put there.
 * @throws The operating system's error; then nothing is left behind.
 */
export function placeFile(path: string, contents: string | Uint8Array): boolean {
  const temporary = temporaryPath(path);
  try {
    SYSTEM_CALLS.writeFile(temporary, contents);
    linkSync(temporary, path);
    return true;
  } catch (cause) {
    const { code } = systemErrorOf(cause);
    if (code === "EEXIST") return false;
    if (!NO_LINKS.has(code)) throw cause;
    return placeWithoutLink(path, contents);
  } finally {
    removeQuietly(temporary, SYSTEM_CALLS);
  }
}

function placeWithoutLink(path: string, contents: string | Uint8Array): boolean {
  try {
    writeFileSync(path, contents, { mode: FILE_MODE, flag: "wx" });
    return true;
  } catch (cause) {
    if (systemErrorOf(cause).code === "EEXIST") return false;
    // Half a file would stay there forever.
    removeQuietly(path, SYSTEM_CALLS);
    throw cause;
  }
}

function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
}

/**
 * The name of the file that a temporary one would have become; `undefined` when
 * a name is not that of a temporary file. One that a killed process left stays
 * until somebody looks for it.
 */
export function nameOfTemporary(name: string): string | undefined {
  return /^\.(.+)\.\d+\.tmp$/.exec(name)?.[1];
}

/** The failure to report is the original one, not one from tidying up after it. */
function removeQuietly(path: string, calls: FileCalls): void {
  try {
    calls.remove(path);
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
  }
}
