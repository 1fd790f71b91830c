import { execFileSync } from "node:child_process";
import { readProcessStat } from "@loom/system";

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
  const stat = readProcessStat(process.pid);
  return stat === undefined ? undefined : [stat.group, stat.foregroundGroup];
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
