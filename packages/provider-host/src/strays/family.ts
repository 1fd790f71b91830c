import { readProcessStat, type ProcessStat } from "@loom/system";
import { listPids } from "./proc-files.ts";

/** All processes of the machine at one moment, by number. Those that ended and those of the kernel are left out. */
export type ProcessTable = ReadonlyMap<number, ProcessStat>;

/** Reads the table, on Linux. Empty elsewhere. */
export function readTable(): ProcessTable {
  const table = new Map<number, ProcessStat>();
  for (const pid of listPids() ?? []) {
    const stat = readProcessStat(pid);
    if (stat !== undefined && !stat.dead && !stat.kernelThread) table.set(pid, stat);
  }
  return table;
}

/** Adds all descendants of some processes to them. */
export function withDescendants(table: ProcessTable, pids: Iterable<number>): Set<number> {
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
