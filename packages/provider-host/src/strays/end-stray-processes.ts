import type { EventError, Result } from "@loom/core";
import type { DeadRun, SectionLog } from "@loom/ports";
import { readProcessStat } from "@loom/system";
import { cgroupMembers, killCgroup, removeCgroup } from "../cgroup/cgroup-folder.ts";
import { endProcesses } from "./end-processes.ts";
import { readTable, type ProcessTable } from "./family.ts";
import { psHere, psTable } from "./find-by-ps.ts";
import { findMarked } from "./find-marked.ts";
import { isAlive, runningOf } from "./job-processes.ts";
import { wantToken, wantValue, type WantedMark } from "./mark.ts";
import { ownLineage } from "./own-lineage.ts";
import { listPids } from "./proc-files.ts";
import { reportEnded } from "@loom/ports";
import { findStrayByPs } from "./find-stray-by-ps.ts";
import { readRunNotes, type SeenNotes } from "./run-notes.ts";
import type { RunningProcess } from "./running-process.ts";

/**
 * Ends every process left by a run whose Loom is gone, wherever it moved.
 *
 * They are identified by the run's control group, by the groups, sessions and descendants of its steps, and by
 * their environment: the run's mark, or, without notes, `LOOM_RUN_ID=<runId>`. This program and its ancestors
 * are spared.
 *
 * @returns `processes_left` if some are still running.
 */
export async function endStrayProcesses(
  { runId, notesPath, justDied = false }: DeadRun,
  log: SectionLog,
): Promise<Result<void, EventError>> {
  const notes = notesPath === undefined ? undefined : readRunNotes(notesPath);
  const mark = notes === undefined ? wantValue("LOOM_RUN_ID", runId) : wantToken(notes.token);
  const cgroup = notes?.cgroup;
  const killRest = (): void => {
    if (cgroup === undefined) return;
    const own = ownLineage();
    if (!cgroupMembers(cgroup).some((pid) => own.has(pid))) killCgroup(cgroup);
  };
  const result = await endProcesses(() => find(mark, notes, justDied), {
    killRest,
    looksAgain: psHere() !== undefined,
  });
  if (cgroup !== undefined) removeCgroup(cgroup);
  return reportEnded("The run", result, log);
}

async function find(
  mark: WantedMark,
  notes: SeenNotes | undefined,
  justDied: boolean,
): Promise<RunningProcess[]> {
  const ps = psHere();
  if (ps !== undefined) return findStrayByPs(psTable(await ps.list()), { mark, notes, justDied });
  const pids = new Set<number>();
  for (const { pid } of await findMarked(listPids() ?? [], mark)) pids.add(pid);
  const table = readTable();
  if (notes?.cgroup !== undefined) {
    for (const pid of cgroupMembers(notes.cgroup)) pids.add(pid);
  }
  if (notes?.sameBoot === true) {
    for (const pid of noted(table, notes, justDied)) pids.add(pid);
  }
  return runningOf(table, pids);
}

/** The noted processes, and those in groups and sessions that certainly belong to them. */
function noted(table: ProcessTable, notes: SeenNotes, justDied: boolean): number[] {
  const members = notes.members.filter(isAlive).map(({ pid }) => pid);
  const memberGroups = new Set(members.map((pid) => readProcessStat(pid)?.group));
  const ours = new Set<number>();
  for (const leader of notes.leaders) {
    // A group's id is not assigned to a process while the group exists.
    const untaken = !table.has(leader.pid) && (justDied || memberGroups.has(leader.pid));
    if (untaken || isAlive(leader)) ours.add(leader.pid);
  }
  const inGroups = [...table.values()].filter(({ group, session }) => ours.has(group) || ours.has(session));
  return [...members, ...inGroups.map(({ pid }) => pid)];
}
