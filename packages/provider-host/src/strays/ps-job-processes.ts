import type { EndedProcesses, StepCommand } from "@loom/ports";
import type { Shell } from "../posix-shell.ts";
import { groupExists } from "../process/process-group.ts";
import { endProcesses, type Grace } from "./end-processes.ts";
import { withDescendants } from "./family.ts";
import {
  psLineage,
  psRunningOf,
  psTable,
  showsMark,
  wholeGroup,
  type Ps,
  type PsTable,
} from "./find-by-ps.ts";
import type { JobTracker } from "./job-tracker.ts";
import type { WantedMark } from "./mark.ts";
import type { NotedProcess, RunNotes } from "./run-notes.ts";
import type { RunningProcess } from "./running-process.ts";

const NOTHING: EndedProcesses = { ended: [], left: [] };

/**
 * The delay before the first look at what a step started, and the longest between two. Milliseconds.
 *
 * `ps` takes some hundredths of a second: a step that is over before pays nothing.
 */
const FIRST_LOOK_MS = 100;
const LONGEST_LOOK_MS = 2_000;

/** How many times longer than `ps` took nothing is asked: looking takes at most a twentieth of a core. */
const REST_PER_LOOK = 20;

/** How a job's processes are identified. */
export interface PsJobProcessesOptions {
  readonly mark: WantedMark;
  readonly ps: Ps;
  readonly notes?: RunNotes | undefined;
}

/**
 * Tracks what the steps of one job leave running by `ps`, where there is no `/proc`, and ends it.
 *
 * A process is known by its group, by its parents, which are looked at from time to time, and by its mark. macOS does
 * not show the environment of its own programs (`sleep`, `sh`), so one of those that leaves its group is known by its
 * parents only.
 */
export class PsJobProcesses implements JobTracker {
  readonly #options: PsJobProcessesOptions;
  /** Groups whose leader, the shell of a step, has ended or may have, with the members seen when it ended. */
  readonly #groups = new Map<number, readonly NotedProcess[]>();
  /** Descendants of the shells that were seen outside of their groups: start time by pid. */
  readonly #seen = new Map<number, string>();
  #shell: number | undefined;
  #sinceMs: number | undefined;
  #isShellNoted = false;
  #lookTimer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: PsJobProcessesOptions) {
    this.#options = options;
  }

  commandOf(_shell: Shell, command: StepCommand): StepCommand {
    return command;
  }

  started(pid: number, sinceMs: number): void {
    this.#sinceMs ??= sinceMs;
    this.#groups.set(pid, []);
    this.#options.notes?.leader({ pid, startTime: "" });
    this.#isShellNoted = false;
    this.#shell = pid;
    this.#lookIn(FIRST_LOOK_MS, pid);
  }

  shellEnded(pid: number, groupLeft: boolean): void {
    clearTimeout(this.#lookTimer);
    this.#shell = undefined;
    if (!groupLeft) return;
    const table = psTable(this.#options.ps.listNow());
    const members = [...table.values()].filter(({ group }) => group === pid);
    this.#groups.set(pid, members);
    for (const member of members) this.#options.notes?.member(member);
    this.#see(table, pid);
  }

  groupEnded(pid: number): void {
    this.#groups.delete(pid);
    this.#options.notes?.groupEnded(pid);
  }

  poll(): void {
    if (this.#shell !== undefined) this.#see(psTable(this.#options.ps.listNow()), this.#shell);
  }

  async end(grace?: Grace): Promise<EndedProcesses> {
    clearTimeout(this.#lookTimer);
    await this.#looking;
    if (!this.#isWorthLooking()) return NOTHING;
    const table = psTable(await this.#options.ps.list());
    this.#forgetGroups(table);
    let first: readonly RunningProcess[] | undefined = this.#find(table);
    const find = async (): Promise<readonly RunningProcess[]> => {
      const answer = first ?? this.#find(psTable(await this.#options.ps.list()));
      first = undefined;
      return answer;
    };
    const groups = new Set(this.#groups.keys());
    for (const pid of psLineage(table)) groups.delete(table.get(pid)?.group ?? 0);
    return endProcesses(find, { groups, looksAgain: true }, grace);
  }

  /**
   * Whether the job may have left something. What a job left that was over at once, and that nothing is known of,
   * the end of the run looks for: it would cost more than the job.
   */
  #isWorthLooking(): boolean {
    if (this.#groups.size > 0 || this.#seen.size > 0) return true;
    return this.#sinceMs !== undefined && performance.now() - this.#sinceMs > FIRST_LOOK_MS;
  }

  #lookIn(ms: number, shell: number): void {
    this.#lookTimer = setTimeout(() => {
      const beganMs = performance.now();
      this.#looking = this.#options.ps.list().then((listed) => {
        const table = psTable(listed);
        // What it saw of a step that has ended meanwhile counts, too.
        if (table.has(shell)) this.#see(table, shell);
        const restMs = (performance.now() - beganMs) * REST_PER_LOOK;
        if (this.#shell === shell) this.#lookIn(Math.max(Math.min(ms * 2, LONGEST_LOOK_MS), restMs), shell);
      });
    }, ms);
    this.#lookTimer.unref();
  }

  /** Notes what a step has started, and left its group. */
  #see(table: PsTable, shell: number): void {
    const leader = table.get(shell);
    if (leader !== undefined && this.#shell === shell && !this.#isShellNoted) {
      this.#isShellNoted = true;
      this.#options.notes?.leader(leader);
    }
    const inGroup = [...table.values()].filter(({ group }) => group === shell).map(({ pid }) => pid);
    for (const pid of withDescendants(table, [shell, ...inGroup, ...this.#seenAlive(table)])) {
      const seen = table.get(pid);
      if (seen === undefined || seen.group === shell || this.#seen.has(pid)) continue;
      this.#seen.set(pid, seen.startTime);
      this.#options.notes?.member(seen);
    }
  }

  #seenAlive(table: PsTable): number[] {
    for (const [pid, startTime] of this.#seen)
      if (table.get(pid)?.startTime !== startTime) this.#seen.delete(pid);
    return [...this.#seen.keys()];
  }

  #find(table: PsTable): RunningProcess[] {
    // A ps that may not be run, as in some sandboxes: the system still knows the groups.
    if (table.size === 0) return [...this.#groups.keys()].filter(groupExists).map(wholeGroup);
    const pids = new Set(this.#seenAlive(table));
    for (const seen of table.values())
      if (this.#groups.has(seen.group) || showsMark(seen, this.#options.mark)) pids.add(seen.pid);
    return psRunningOf(table, pids);
  }

  /** Forgets groups whose id may have been reused. */
  #forgetGroups(table: PsTable): void {
    if (table.size === 0) return;
    for (const [group, members] of this.#groups) {
      const isKnown = members.some(({ pid, startTime }) => {
        const seen = table.get(pid);
        return seen?.startTime === startTime && seen.group === group;
      });
      if (!isKnown) this.groupEnded(group);
    }
  }
}
