import { readProcessStat } from "@loom/system";
import type { Shell } from "../posix-shell.ts";
import type { JobCgroup } from "../cgroup/run-cgroup.ts";
import { groupExists } from "../process/process-group.ts";
import type { EndedProcesses, StepCommand } from "@loom/ports";
import { endProcesses, type Grace } from "./end-processes.ts";
import { readTable, withDescendants, type ProcessTable } from "./family.ts";
import { findMarked } from "./find-marked.ts";
import type { JobTracker } from "./job-tracker.ts";
import type { WantedMark } from "./mark.ts";
import { newPids } from "./new-pids.ts";
import { ownLineage } from "./own-lineage.ts";
import { readChildren } from "./proc-files.ts";
import type { NotedProcess, RunNotes } from "./run-notes.ts";
import { seeProcess, type RunningProcess } from "./running-process.ts";

const NOTHING: EndedProcesses = { ended: [], left: [] };

/**
 * For a step without a control group: the delay before the first poll for what it started, and the longest
 * interval between polls. Milliseconds.
 *
 * A process that leaves its session and clears its environment can be identified only by its parents, which may
 * be gone later. A poll costs some microseconds per process.
 */
const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 1_000;

/** How a job's processes are identified. */
export interface JobProcessesOptions {
  readonly mark: WantedMark;
  readonly cgroup?: JobCgroup | undefined;
  readonly notes?: RunNotes | undefined;
}

/** Tracks what the steps of one job leave running by `/proc` and control groups, and ends it. */
export class JobProcesses implements JobTracker {
  readonly #mark: WantedMark;
  readonly #cgroup: JobCgroup | undefined;
  readonly #notes: RunNotes | undefined;
  /**
   * Groups whose leader, the shell of a step, has ended or may have, with the members seen when it ended: if
   * none of those is left, the group's id may have been reused.
   */
  readonly #groups = new Map<number, readonly NotedProcess[]>();
  /** Descendants of the shells that were seen: start time by pid. */
  readonly #seen = new Map<number, string>();
  /** Those that were in their shell's group when last polled. */
  readonly #inGroup = new Set<number>();
  /** The job's first process, and a time before it was started. */
  #first: { readonly pid: number; readonly sinceMs: number } | undefined;
  #shell: number | undefined;
  #pollTimer: NodeJS.Timeout | undefined;

  constructor({ mark, cgroup, notes }: JobProcessesOptions) {
    this.#mark = mark;
    this.#cgroup = cgroup;
    this.#notes = notes;
  }

  commandOf(shell: Shell, { program, args }: StepCommand, isPlain: boolean): StepCommand {
    if (this.#cgroup === undefined) return { program, args };
    const entering =
      isPlain && !shell.quotesScript
        ? this.#cgroup.argsToEnterFirst(program, args)
        : this.#cgroup.argsToEnter(program, args);
    return { program: shell.path, args: entering };
  }

  get members(): string | undefined {
    return this.#cgroup?.processes;
  }

  started(pid: number, sinceMs: number): void {
    this.#first ??= { pid, sinceMs };
    this.#groups.set(pid, []);
    this.#notes?.leader({ pid, startTime: readProcessStat(pid)?.startTime ?? "" });
    if (this.#cgroup !== undefined) return;
    this.#shell = pid;
    this.#pollIn(FIRST_POLL_MS);
  }

  shellEnded(pid: number, groupLeft: boolean): void {
    clearTimeout(this.#pollTimer);
    this.#shell = undefined;
    if (!groupLeft) return;
    const members = [...readTable().values()].filter(({ group }) => group === pid);
    this.#groups.set(pid, members);
    for (const member of members) this.#notes?.member(member);
  }

  groupEnded(pid: number): void {
    this.#groups.delete(pid);
    this.#notes?.groupEnded(pid);
  }

  poll(): void {
    if (this.#shell === undefined || this.#cgroup !== undefined) return;
    const open = [this.#shell, ...this.#seenAlive()];
    const looked = new Set<number>();
    for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
      if (looked.has(pid)) continue;
      looked.add(pid);
      if (pid !== this.#shell) this.#see(pid);
      open.push(...readChildren(pid));
    }
  }

  async end(grace?: Grace): Promise<EndedProcesses> {
    clearTimeout(this.#pollTimer);
    this.#forgetGroups();
    const found = await this.#find();
    if (found.length === 0) return NOTHING;
    const own = ownLineage();
    let first: readonly RunningProcess[] | undefined = found;
    const find = (): Promise<readonly RunningProcess[]> => {
      const answer = first === undefined ? this.#find() : Promise.resolve(first);
      first = undefined;
      return answer;
    };
    const groups = new Set(this.#groups.keys());
    for (const pid of own) groups.delete(readProcessStat(pid)?.group ?? 0);
    return endProcesses(find, { groups, killRest: () => this.#cgroup?.kill() }, grace);
  }

  /** Forgets groups whose id may have been reused. */
  #forgetGroups(): void {
    for (const [group, members] of this.#groups) {
      const known = members.some((member) => isMember(member, group));
      if (known && groupExists(group)) continue;
      this.groupEnded(group);
    }
  }

  async #find(): Promise<RunningProcess[]> {
    const pids = new Set(this.#cgroup?.isPopulated === true ? this.#cgroup.members() : []);
    for (const pid of this.#seenAlive()) pids.add(pid);
    if (this.#first !== undefined) {
      const marked = await findMarked(newPids(this.#first.pid, this.#first.sinceMs), this.#mark);
      for (const { pid } of marked) pids.add(pid);
    }
    if (pids.size === 0 && this.#groups.size === 0) return [];
    const table = readTable();
    for (const { pid, group } of table.values()) {
      if (this.#groups.has(group)) pids.add(pid);
    }
    return runningOf(table, pids);
  }

  #seenAlive(): number[] {
    const alive: number[] = [];
    for (const [pid, startTime] of this.#seen) {
      if (isAlive({ pid, startTime })) alive.push(pid);
      else {
        this.#seen.delete(pid);
        this.#inGroup.delete(pid);
      }
    }
    return alive;
  }

  #see(pid: number): void {
    if (this.#seen.has(pid) && !this.#inGroup.has(pid)) return;
    const stat = readProcessStat(pid);
    if (stat === undefined || stat.dead) return;
    this.#seen.set(pid, stat.startTime);
    // Processes in the shell's group are found through it, as long as they stay.
    if (stat.group === this.#shell) {
      this.#inGroup.add(pid);
      return;
    }
    this.#inGroup.delete(pid);
    this.#notes?.member(stat);
  }

  #pollIn(ms: number): void {
    this.#pollTimer = setTimeout(() => {
      this.poll();
      this.#pollIn(Math.min(ms * 2, LONGEST_POLL_MS));
    }, ms);
    this.#pollTimer.unref();
  }
}

/** The given processes with all their descendants, except this program and its ancestors. */
export function runningOf(table: ProcessTable, pids: Iterable<number>): RunningProcess[] {
  const family = withDescendants(table, pids);
  if (family.size === 0) return [];
  for (const pid of ownLineage()) family.delete(pid);
  return [...family].map(seeProcess).filter((seen) => seen !== undefined);
}

/** Whether a noted process is still running. */
export function isAlive({ pid, startTime }: NotedProcess): boolean {
  const stat = readProcessStat(pid);
  return stat !== undefined && !stat.dead && stat.startTime === startTime;
}

function isMember(noted: NotedProcess, group: number): boolean {
  const stat = readProcessStat(noted.pid);
  return stat?.startTime === noted.startTime && stat.group === group;
}
