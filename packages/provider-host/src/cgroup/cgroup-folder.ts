import { readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The processes in a control group and in all below it: what runs in a run within the run is the job's as well. */
export function cgroupMembers(directory: string): number[] {
  const members = readPids(join(directory, "cgroup.procs"));
  return [...members, ...foldersIn(directory).flatMap(cgroupMembers)];
}

/** Whether any process of a control group, or of one below it, can still run. One short read. */
export function isPopulated(directory: string): boolean {
  try {
    return readFileSync(join(directory, "cgroup.events"), "utf8").includes("populated 1");
  } catch {
    return false;
  }
}

/** Ends everything in a control group at once, also what is being forked. Nothing happens before Linux 5.14. */
export function killCgroup(directory: string): void {
  try {
    writeFileSync(join(directory, "cgroup.kill"), "1");
  } catch {
    // The members are ended one by one as well.
  }
}

/** Removes a control group and those below it, as far as nothing runs in them. */
export function removeCgroup(directory: string): void {
  for (const folder of foldersIn(directory)) removeCgroup(folder);
  try {
    rmdirSync(directory);
  } catch {
    // Something still runs in it, or it is gone.
  }
}

function foldersIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
  } catch {
    return [];
  }
}

function readPids(file: string): number[] {
  try {
    const text = readFileSync(file, "utf8");
    return text === "" ? [] : text.trimEnd().split("\n").map(Number);
  } catch {
    return [];
  }
}
