import { readdirSync, readFileSync, renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { nameOfTemporary, placeFile, removeFile, systemErrorOf } from "@loom/system";

/**
 * Puts the note there whole, or not at all when there is one already.
 *
 * @returns Whether it exists.
 */
export function placeNote(path: string, text: string): boolean {
  try {
    return placeFile(path, text);
  } catch (cause) {
    // The process that got it has tidied up after us.
    if (systemErrorOf(cause).code === "ENOENT") return false;
    throw cause;
  }
}

/**
 * Removes notes that never got to their place, as of a process that was killed
 * meanwhile. One that is about to be placed comes too late: the claim is taken.
 */
export function removeUnplacedNotes(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory)) {
    if (nameOfTemporary(name) === basename(path)) removeFile(join(directory, name));
  }
}

/** Removes a claim, unless another process has taken it in the meantime. */
export function removeStaleNote(path: string, text: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (cause) {
    // Another process was faster.
    if (systemErrorOf(cause).code === "ENOENT") return;
    throw cause;
  }
  const taken = readFileSync(aside, "utf8");
  if (taken !== text) placeNote(path, taken);
  removeFile(aside);
}
