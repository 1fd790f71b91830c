import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { errnoCode, makeDirectories, systemErrorOf } from "@loom/system";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** How many characters `mkdtemp` adds to a name. */
const RANDOM_LENGTH = 6;

/** File systems in memory: tmpfs and ramfs. Source: statfs(2). */
const IN_MEMORY: ReadonlySet<number> = new Set([0x0102_1994, 0x8584_58f6]);

/** The files of one job's secrets, in a folder of their own. */
export interface SecretFiles {
  /** Absolute. Mode 0700. */
  readonly folder: string;
  /** The path of each, by name. Mode 0600. */
  readonly paths: ReadonlyMap<string, string>;
}

/** Where the files of a job's secrets may be. */
export interface SecretPlaces {
  /** Whose they are: a run, for example. Part of the folder's name: letters, digits, `-`, `_` and `.`. */
  readonly owner: string;
  /** Folders to try first, in this order: those that are in memory. Absolute. */
  readonly memory: readonly string[];
  /** The place when none of them can be written to. Absolute; created when missing. */
  readonly folder: string;
}

/**
 * Writes values into files that only their owner may read, in memory where that is possible.
 *
 * @param values - What to write, by file name.
 * @throws The operating system's error; then nothing is left behind.
 */
export function writeSecretFiles(
  values: ReadonlyMap<string, string>,
  { owner, memory, folder }: SecretPlaces,
): SecretFiles {
  for (const candidate of memory) {
    if (!isInMemory(candidate)) continue;
    try {
      return writeBelow(candidate, owner, values);
    } catch (cause) {
      // It is full, or closed to this user.
      systemErrorOf(cause);
    }
  }
  makeDirectories(folder, FOLDER_MODE);
  return writeBelow(folder, owner, values);
}

/**
 * Removes the folder of a job's secrets with all that is in it, whatever the job has done to it.
 *
 * @throws The operating system's error.
 */
export function removeSecretFiles(folder: string): void {
  try {
    chmodSync(folder, FOLDER_MODE);
  } catch (cause) {
    if (errnoCode(cause) === "ENOENT") return;
    // What keeps the folder from being removed is the error to report.
    systemErrorOf(cause);
  }
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Removes the folders that an owner left that was killed. Only this user's are: others may write to `/dev/shm`, too.
 *
 * @throws The operating system's error.
 */
export function removeLeftFiles({ owner, memory, folder }: SecretPlaces): void {
  const prefix = prefixOf(owner);
  for (const place of new Set([...memory, folder])) {
    for (const name of namesIn(place)) {
      if (!name.startsWith(prefix) || name.length !== prefix.length + RANDOM_LENGTH) continue;
      const path = join(place, name);
      const seen = lstatSync(path, { throwIfNoEntry: false });
      if (seen?.isDirectory() === true && seen.uid === process.getuid?.()) removeSecretFiles(path);
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    // It is not there, or closed to this user: nothing of theirs is in it.
    systemErrorOf(cause);
    return [];
  }
}

/** Whether a folder is in memory, and this user may make files in it. */
export function isInMemory(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    // Other systems number theirs by kind, in small numbers.
    return IN_MEMORY.has(statfsSync(path).type);
  } catch (cause) {
    systemErrorOf(cause);
    return false;
  }
}

/** How the folders of one owner begin. */
function prefixOf(owner: string): string {
  return `loom-secrets-${owner}-`;
}

function writeBelow(parent: string, owner: string, values: ReadonlyMap<string, string>): SecretFiles {
  const folder = mkdtempSync(join(parent, prefixOf(owner)));
  try {
    // The umask of the user may have taken even the owner's permissions away.
    chmodSync(folder, FOLDER_MODE);
    const paths = new Map<string, string>();
    for (const [name, value] of values) {
      const path = join(folder, name);
      writeFileSync(path, value, { mode: FILE_MODE, flag: "wx" });
      chmodSync(path, FILE_MODE);
      paths.set(name, path);
    }
    return { folder, paths };
  } catch (cause) {
    rmSync(folder, { recursive: true, force: true });
    throw cause;
  }
}
