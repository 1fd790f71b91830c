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
 * Creates a unique folder, with a note that names its owner.
 *
 * @param prefix - Parent folder and name prefix. A missing parent is created.
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

/** The note that names a folder's owner. */
const OWNER = "owner.json";

/**
 * How long a folder is left alone after its last write, unless its process is known to have ended.
 *
 * Unit: milliseconds. Source: a process that is not visible from here, as in another container, touches its
 * folder as it writes, and ten minutes without a write is long; a day is longer than any cache takes to write.
 */
const LEFT_ALONE_MS: Readonly<Record<Exclude<ProcessState, "dead">, number>> = {
  unknown: 10 * 60_000,
  alive: 24 * 60 * 60_000,
};

/**
 * Removes what killed processes left behind.
 *
 * @param prefix - As passed to `makeWorkFolder`.
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

/** The state of a folder's owner; `unknown` when its note is missing or unreadable. */
function ownerState(folder: string): ProcessState {
  try {
    const mark = processMarkOf(JSON.parse(readFileSync(`${folder}/${OWNER}`, "utf8")));
    return mark === undefined ? "unknown" : processState(mark);
  } catch (error) {
    if (error instanceof SyntaxError || isAbsent(error)) return "unknown";
    throw error;
  }
}
