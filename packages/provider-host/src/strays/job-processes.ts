import { readProcessStat } from "@loom/system";
import type { JobCgroup } from "../cgroup/run-cgroup.ts";
import { groupExists } from "../process/process-group.ts";
import { endProcesses, type EndedProcesses, type Patience } from "./end-processes.ts";
import { readTable, withDescendants, type ProcessTable } from "./family.ts";
import { findMarked } from "./find-marked.ts";
import type { WantedMark } from "./mark.ts";
import { newPids } from "./new-pids.ts";
import { ownKind } from "./own-kind.ts";
import { readChildren } from "./proc-files.ts";
import { listByPs } from "./ps-processes.ts";
import type { NotedProcess, RunNotes } from "./run-notes.ts";
import { seeProcess, type RunningProcess } from "./running-process.ts";

const NOTHING: EndedProcesses = { ended: [], left: [] };

/**
 * When a step without a control group is first looked at for what it started,
 * and how long the time between two looks grows. Milliseconds.
 *
 * What leaves its session and gives up its environment is known only by its
 * parents, which are gone later. A look costs some microseconds a process.
 */
const FIRST_LOOK_MS = 20;
const LONGEST_LOOK_MS = 1_000;

/** What the processes of a job are known by. */
export interface JobProcessesOptions {
  readonly mark: WantedMark;
  readonly cgroup?: JobCgroup | undefined;
  readonly notes?: RunNotes | undefined;
}

/** Keeps track of what the steps of one job leave running, and ends it. */
export class JobProcesses {
  readonly #mark: WantedMark;
  readonly #cgroup: JobCgroup | undefined;
  readonly #notes: RunNotes | undefined;
  /**
   * Groups whose leader, the shell of a step, has ended or may have, each with
   * the members that were seen when it had: the number of a group of which
   * none of those is left may have been given away.
   */
  readonly #groups = new Map<number, readonly NotedProcess[]>();
  /** Descendants of the shells that were seen, by number, with their start. */
  readonly #seen = new Map<number, string>();
  /** Those of them that were in the group of their shell when they were last looked at. */
  readonly #inGroup = new Set<number>();
  /** The first process of the job, and a moment before it was started. */
  #first: { readonly pid: number; readonly sinceMs: number } | undefined;
  #shell: number | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor({ mark, cgroup, notes }: JobProcessesOptions) {
    this.#mark = mark;
    this.#cgroup = cgroup;
    this.#notes = notes;
  }

  /** What a shell is given so that it is known wherever it moves. */
  argsOf(shell: string, args: readonly string[]): readonly string[] {
    return this.#cgroup?.argsToEnter(shell, args) ?? args;
  }

  /**
   * Notes the shell of a step, which leads a group.
   *
   * @param sinceMs - `performance.now()` before it was started.
   */
  started(pid: number, sinceMs: number): void {
    this.#first ??= { pid, sinceMs };
    this.#groups.set(pid, []);
    this.#notes?.leader({ pid, startTime: readProcessStat(pid)?.startTime ?? "" });
    if (process.platform !== "linux" || this.#cgroup !== undefined) return;
    this.#shell = pid;
    this.#lookIn(FIRST_LOOK_MS);
  }

  /**
   * Notes that the shell of a step has ended.
   *
   * @param groupLeft - Whether its group has members, which then bears the number still.
   */
  shellEnded(pid: number, groupLeft: boolean): void {
    clearTimeout(this.#look);
    this.#shell = undefined;
    if (!groupLeft) return;
    const members = [...readTable().values()].filter(({ group }) => group === pid);
    this.#groups.set(pid, members);
    for (const member of members) this.#notes?.member(member);
  }

  /** Notes that a group has no member any more; its number may be given away. */
  groupEnded(pid: number): void {
    this.#groups.delete(pid);
    this.#notes?.groupEnded(pid);
  }

  /** Notes what the step under way has started: it is about to be ended, and its parents first. */
  look(): void {
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

  /**
   * Ends all that still runs. The shells of all steps have ended.
   *
   * @param patience - Default: that with processes which nobody waits for.
   */
  async end(patience?: Patience): Promise<EndedProcesses> {
    clearTimeout(this.#look);
    this.#forgetGroups();
    const found = await this.#find();
    if (found.length === 0) return NOTHING;
    const own = ownKind();
    let first: readonly RunningProcess[] | undefined = found;
    const find = (): Promise<readonly RunningProcess[]> => {
      const answer = first === undefined ? this.#find() : Promise.resolve(first);
      first = undefined;
      return answer;
    };
    const groups = new Set(this.#groups.keys());
    for (const pid of own) groups.delete(readProcessStat(pid)?.group ?? 0);
    return endProcesses(find, { groups, killRest: () => this.#cgroup?.kill() }, patience);
  }

  /** Forgets groups whose number is no longer theirs for sure. */
  #forgetGroups(): void {
    for (const [group, members] of this.#groups) {
      const known = process.platform !== "linux" || members.some((member) => isMember(member, group));
      if (known && groupExists(group)) continue;
      this.groupEnded(group);
    }
  }

  async #find(): Promise<RunningProcess[]> {
    if (process.platform !== "linux") {
      // Without /proc, looking for marks means a `ps` for every job: the sweep at the end of the run does it.
      if (this.#groups.size === 0) return [];
      return (await listByPs()).filter(({ group }) => this.#groups.has(group));
    }
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
    // Those in the group of the shell are found by it, as long as they stay.
    if (stat.group === this.#shell) {
      this.#inGroup.add(pid);
      return;
    }
    this.#inGroup.delete(pid);
    this.#notes?.member(stat);
  }

  #lookIn(ms: number): void {
    this.#look = setTimeout(() => {
      this.look();
      this.#lookIn(Math.min(ms * 2, LONGEST_LOOK_MS));
    }, ms);
    this.#look.unref();
  }
}

/** Those of a table, with all their descendants, but for this program and those that started it. */
export function runningOf(table: ProcessTable, pids: Iterable<number>): RunningProcess[] {
  const family = withDescendants(table, pids);
  if (family.size === 0) return [];
  for (const pid of ownKind()) family.delete(pid);
  return [...family].map(seeProcess).filter((seen) => seen !== undefined);
}

/** Whether a process that was noted still runs. */
export function isAlive({ pid, startTime }: NotedProcess): boolean {
  const stat = readProcessStat(pid);
  return stat !== undefined && !stat.dead && stat.startTime === startTime;
}

function isMember(noted: NotedProcess, group: number): boolean {
  const stat = readProcessStat(noted.pid);
  return stat?.startTime === noted.startTime && stat.group === group;
}
