import { readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The processes in a control group and in all groups below it, as those of a nested run belong to the job too. */
export function cgroupMembers(directory: string): number[] {
  const members = readPids(join(directory, "cgroup.procs"));
  return [...members, ...foldersIn(directory).flatMap(cgroupMembers)];
}

/** Whether a control group, or one below it, has a live process. Takes one short read. */
export function isPopulated(directory: string): boolean {
  try {
    return readFileSync(join(directory, "cgroup.events"), "utf8").includes("populated 1");
  } catch {
    return false;
  }
}

/** Kills everything in a control group at once, including processes being forked. Does nothing before Linux 5.14. */
export function killCgroup(directory: string): void {
  try {
    writeFileSync(join(directory, "cgroup.kill"), "1");
  } catch {
    // The members are also killed one by one.
  }
}

/** Removes a control group and those below it, if they are empty. */
export function removeCgroup(directory: string): void {
  for (const folder of foldersIn(directory)) removeCgroup(folder);
  try {
    rmdirSync(directory);
  } catch {
    // It still has processes, or is gone.
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
