import { listByPs, listByPsNow, processView, type ProcessView, type PsProcess } from "@loom/system";
import { withDescendants } from "./family.ts";
import type { WantedMark } from "./mark.ts";
import { shortCommand, type RunningProcess } from "./running-process.ts";

/** Lists the processes of the machine where there is no `/proc`: macOS and the BSDs. */
export interface Ps {
  list(): Promise<readonly PsProcess[]>;
  /** The same, while nothing else of this program runs: for what cannot wait. */
  listNow(): readonly PsProcess[];
}

const SYSTEM_PS: Ps = { list: listByPs, listNow: listByPsNow };

/** What lists the processes here; `undefined` where they are read from `/proc`. */
export function psHere(view: ProcessView = processView()): Ps | undefined {
  return view === "ps" ? SYSTEM_PS : undefined;
}

/** A snapshot of the machine's processes by pid, without zombies. */
export type PsTable = ReadonlyMap<number, PsProcess>;

/** Orders what `ps` listed by pid. */
export function psTable(listed: readonly PsProcess[]): PsTable {
  return new Map(listed.map((seen) => [seen.pid, seen]));
}

/**
 * This program and its ancestors, up to the first process: they must never be ended, whatever their environment.
 *
 * @param self - Number of this program. Default: its own.
 */
export function psLineage(table: PsTable, self: number = process.pid): ReadonlySet<number> {
  const own = new Set([1, self]);
  // A table that was read while numbers changed could have a circle.
  for (let pid = table.get(self)?.parent ?? process.ppid; pid > 1 && !own.has(pid);) {
    own.add(pid);
    pid = table.get(pid)?.parent ?? 0;
  }
  return own;
}

/** The given processes with all their descendants, except this program and its ancestors. */
export function psRunningOf(table: PsTable, pids: Iterable<number>): RunningProcess[] {
  const family = withDescendants(table, pids);
  for (const pid of psLineage(table)) family.delete(pid);
  return [...family]
    .map((pid) => table.get(pid))
    .flatMap((seen) => (seen === undefined ? [] : running(seen)));
}

/** Whether the text of a process contains a mark as a word. */
export function showsMark({ text }: Pick<PsProcess, "text">, { name, accepts }: WantedMark): boolean {
  return text
    .split(/\s+/)
    .some((word) => word.startsWith(`${name}=`) && accepts(word.slice(name.length + 1)));
}

/** A group as if it were one process: signals to a negative number go to every member. */
export function wholeGroup(group: number): RunningProcess {
  return { pid: -group, group, startTime: "", command: `process group ${group}` };
}

function running({ pid, group, text }: PsProcess): RunningProcess {
  // Nothing marks the end of the arguments, and environment values must not get into evidence.
  const command = shortCommand(text.replace(/\s[A-Za-z_][A-Za-z0-9_]*=.*$/, ""));
  // One by one, `ps` would take too long to tell: who ends them looks at all of them again.
  return { pid, group, startTime: "", command };
}
