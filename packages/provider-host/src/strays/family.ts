import { readProcessStat, type ProcessStat } from "@loom/system";
import { listPids } from "./proc-files.ts";

/** A snapshot of the machine's processes, by pid, without zombies and kernel threads. */
export type ProcessTable = ReadonlyMap<number, ProcessStat>;

/** Reads the process table from `/proc`. */
export function readTable(): ProcessTable {
  const table = new Map<number, ProcessStat>();
  for (const pid of listPids() ?? []) {
    const stat = readProcessStat(pid);
    if (stat !== undefined && !stat.dead && !stat.kernelThread) table.set(pid, stat);
  }
  return table;
}

/** The given processes with all their descendants. */
export function withDescendants(
  table: ReadonlyMap<number, Pick<ProcessStat, "pid" | "parent">>,
  pids: Iterable<number>,
): Set<number> {
  const children = new Map<number, number[]>();
  for (const { pid, parent } of table.values()) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const family = new Set<number>();
  const open = [...pids];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    if (family.has(pid)) continue;
    family.add(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return family;
}
