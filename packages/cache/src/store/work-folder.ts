import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { errnoCode } from "@loom/system";

/**
 * Makes a folder that only this call knows, named by the process.
 *
 * @param prefix - Folder and first part of the name. The folder is made when it is missing.
 */
export function makeWorkFolder(prefix: string): string {
  mkdirSync(prefix.slice(0, prefix.lastIndexOf("/")), { recursive: true });
  return mkdtempSync(`${prefix}${process.pid}-`);
}

/**
 * How long the folder of a process that seems to be gone is left alone.
 *
 * Unit: milliseconds. Source: a process in a container has numbers of its own,
 * so that one which is alive there can look gone here; it touches its folder
 * while it writes, and ten minutes without that is long for a disk.
 */
export const GONE_AFTER_MS: number = 10 * 60_000;

/** How long any folder is left alone, whatever its process does: one day, longer than a cache takes to be written. */
const ABANDONED_AFTER_MS = 24 * 60 * 60_000;

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
    const limit = isRunning(Number(pid)) ? ABANDONED_AFTER_MS : GONE_AFTER_MS;
    if (idleMs < limit) continue;
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
    if (errnoCode(error) === "ENOENT" || errnoCode(error) === "ENOTDIR") return [];
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoCode(error) !== "ESRCH";
  }
}
