import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * Whether this process is in the foreground of its terminal, where it may
 * change the screen and read keys. One that was started with `&` may not: the
 * system stops it when it tries.
 *
 * @returns True, too, where the system does not say.
 */
export function isInForeground(): boolean {
  const groups = process.platform === "linux" ? groupsFromProc() : groupsFromPs();
  if (groups === undefined) return true;
  const [own, foreground] = groups;
  // No terminal at all: -1 on Linux, 0 elsewhere.
  return foreground <= 0 || own === foreground;
}

type Groups = readonly [own: number, foreground: number];

function groupsFromProc(): Groups | undefined {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    // After the name, which may hold anything: state, parent, group, session, terminal, foreground group. Source: proc(5).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return pair(fields[2], fields[5]);
  } catch {
    return undefined;
  }
}

function groupsFromPs(): Groups | undefined {
  try {
    const said = execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], { encoding: "utf8" });
    const [own, foreground] = said.trim().split(/\s+/u);
    return pair(own, foreground);
  } catch {
    return undefined;
  }
}

function pair(own: string | undefined, foreground: string | undefined): Groups | undefined {
  const groups: Groups = [Number(own), Number(foreground)];
  return groups.every((group) => Number.isInteger(group)) ? groups : undefined;
}
