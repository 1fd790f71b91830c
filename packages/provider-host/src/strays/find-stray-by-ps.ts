import { sendSignal } from "../process/process-group.ts";
import { psRunningOf, showsMark, wholeGroup, type PsTable } from "./find-by-ps.ts";
import type { WantedMark } from "./mark.ts";
import type { NotedProcess, SeenNotes } from "./run-notes.ts";
import type { RunningProcess } from "./running-process.ts";

/** What is known of the processes of a run whose Loom is gone. */
export interface KnownOfRun {
  readonly mark: WantedMark;
  readonly notes: SeenNotes | undefined;
  /** Whether its Loom was there until now, so that no number has been reused since. */
  readonly justDied: boolean;
}

/**
 * Finds what a run left, in what `ps` listed: by its mark, where the system shows it, and by its notes, with all
 * descendants. This program and its ancestors are left out.
 */
export function findStrayByPs(table: PsTable, { mark, notes, justDied }: KnownOfRun): RunningProcess[] {
  // A ps that may not be run: the system still knows the groups, and right after its death those are the run's.
  if (table.size === 0)
    return (justDied ? (notes?.leaders ?? []) : []).filter(isGroup).map(({ pid }) => wholeGroup(pid));
  const pids = new Set<number>();
  for (const seen of table.values()) if (showsMark(seen, mark)) pids.add(seen.pid);
  if (notes !== undefined && (notes.sameBoot || justDied))
    for (const pid of noted(table, notes, justDied)) pids.add(pid);
  return psRunningOf(table, pids);
}

function isGroup({ pid }: NotedProcess): boolean {
  return sendSignal(-pid, 0);
}

/** The noted processes, and those in groups that certainly belong to them. */
function noted(table: PsTable, { leaders, members }: SeenNotes, justDied: boolean): number[] {
  const isAlive = ({ pid, startTime }: NotedProcess): boolean =>
    startTime !== "" && table.get(pid)?.startTime === startTime;
  const alive = members.filter(isAlive).map(({ pid }) => pid);
  const memberGroups = new Set(alive.map((pid) => table.get(pid)?.group));
  const groups = new Set<number>();
  for (const leader of leaders) {
    // A group's id is not assigned to a process while the group exists.
    const untaken = !table.has(leader.pid) && (justDied || memberGroups.has(leader.pid));
    // One that ran too short to be looked at has no start time; a moment later its number is still its own.
    const isFresh = justDied && leader.startTime === "";
    if (untaken || isFresh || isAlive(leader)) groups.add(leader.pid);
  }
  const inGroups = [...table.values()].filter(({ group }) => groups.has(group));
  return [...alive, ...inGroups.map(({ pid }) => pid)];
}
