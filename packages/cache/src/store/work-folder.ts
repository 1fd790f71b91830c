import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import {
  makeDirectories,
  currentProcess,
  isAbsent,
  processMarkOf,
  processState,
  type ProcessState,
} from "@loom/system";

/**
 * Makes a folder that only this call knows, with a note of whose it is.
 *
 * @param prefix - Folder and first part of the name. The folder is made when it is missing.
 */
export function makeWorkFolder(prefix: string): string {
  makeDirectories(prefix.slice(0, prefix.lastIndexOf("/")));
  const folder = mkdtempSync(`${prefix}${process.pid}-`);
  try {
    writeFileSync(`${folder}/${OWNER}`, JSON.stringify(currentProcess()));
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The note in a folder of whose it is. */
const OWNER = "owner.json";

/**
 * How long a folder is left alone after the last write to it, while its process is not known to have ended.
 *
 * Unit: milliseconds. Source: one that cannot be seen from here, as in another
 * container, touches its folder while it writes, and ten minutes without that is
 * long for a disk; a day is longer than a cache takes to be written.
 */
const LEFT_ALONE_MS: Readonly<Record<Exclude<ProcessState, "dead">, number>> = {
  unknown: 10 * 60_000,
  alive: 24 * 60 * 60_000,
};

/**
 * Removes what processes left behind that were killed.
 *
 * @param prefix - As it was given to `makeWorkFolder`.
 * @returns How many folders were removed.
 */
export function removeLeftovers(prefix: string, nowMs: number): number {
  const slash = prefix.lastIndexOf("/");
  const [folder, start] = [prefix.slice(0, slash), prefix.slice(slash + 1)];
  let removed = 0;
  for (const name of namesIn(folder)) {
    const pid = name.startsWith(start) ? /^(\d+)-/.exec(name.slice(start.length))?.[1] : undefined;
    if (pid === undefined) continue;
    const path = `${folder}/${name}`;
    const idleMs = nowMs - lastWriteMs(path);
    const state = ownerState(path);
    if (state !== "dead" && idleMs < LEFT_ALONE_MS[state]) continue;
    rmSync(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

function lastWriteMs(folder: string): number {
  const times = [folder, ...namesIn(folder).map((name) => `${folder}/${name}`)].map(
    (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  );
  return Math.max(...times);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** Who works in a folder. A note that is not there yet, or cannot be read, tells nothing. */
function ownerState(folder: string): ProcessState {
  try {
    const mark = processMarkOf(JSON.parse(readFileSync(`${folder}/${OWNER}`, "utf8")));
    return mark === undefined ? "unknown" : processState(mark);
  } catch (error) {
    if (error instanceof SyntaxError || isAbsent(error)) return "unknown";
    throw error;
  }
}
