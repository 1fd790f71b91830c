import { RunCgroup } from "../cgroup/run-cgroup.ts";
import type { EndedProcesses } from "@loom/ports";
import { endProcesses } from "./end-processes.ts";
import { readTable } from "./family.ts";
import { psHere, psRunningOf, psTable, showsMark, type Ps } from "./find-by-ps.ts";
import { findMarked } from "./find-marked.ts";
import { JobProcesses, runningOf } from "./job-processes.ts";
import type { JobTracker } from "./job-tracker.ts";
import { newToken, wantToken } from "./mark.ts";
import { newPids } from "./new-pids.ts";
import { PsJobProcesses } from "./ps-job-processes.ts";
import { RunNotes } from "./run-notes.ts";
import type { RunningProcess } from "./running-process.ts";

/** Where a run's processes are recorded, and which job it is part of. */
export interface RunProcessesOptions {
  /** Absolute path. */
  readonly notesPath?: string | undefined;
  /** The mark of the job that this run is part of. */
  readonly outerMark?: string | undefined;
  /** What lists processes where they are not read from `/proc`. Default: as it has to be here. */
  readonly ps?: Ps | undefined;
}

/** How one job's processes are tracked. */
export interface TrackedJob {
  /** Value of the variable that each process gets. */
  readonly mark: string;
  readonly processes: JobTracker;
  /** Call when the job is over. */
  release(): void;
}

const NOTHING: EndedProcesses = { ended: [], left: [] };

/** Tracks the processes of one run, and of each of its jobs. */
export class RunProcesses {
  readonly #options: RunProcessesOptions;
  readonly #ps: Ps | undefined;
  readonly #token = newToken();
  #made: { readonly cgroup: RunCgroup | undefined; readonly notes: RunNotes | undefined } | undefined;
  #jobs = 0;
  /** Jobs that have been set up and not closed. */
  #open = 0;

  constructor(options: RunProcessesOptions) {
    this.#options = options;
    this.#ps = options.ps ?? psHere();
  }

  /** Creates the control group and the notes. Call it once, and await it before calling `job` or `end`. */
  async warm(): Promise<void> {
    this.#made ??= this.#make();
    await this.#made.cgroup?.tryToEnter();
  }

  /** Registers a job that is about to run. */
  job(): TrackedJob {
    this.#made ??= this.#make();
    const { cgroup, notes } = this.#made;
    const token = `${this.#token}.${(this.#jobs += 1)}`;
    const { outerMark } = this.#options;
    const wanted = wantToken(token);
    const group = cgroup?.take();
    this.#open += 1;
    return {
      mark: outerMark === undefined || outerMark === "" ? token : `${outerMark},${token}`,
      processes:
        this.#ps === undefined
          ? new JobProcesses({ mark: wanted, cgroup: group, notes })
          : new PsJobProcesses({ mark: wanted, ps: this.#ps, notes }),
      release: () => {
        this.#open -= 1;
        if (group !== undefined) cgroup?.giveBack(group);
      },
    };
  }

  /** Ends what all jobs left running. Costs almost nothing if all were closed and left nothing. */
  async end(): Promise<EndedProcesses> {
    if (this.#made === undefined) return NOTHING;
    const { cgroup, notes } = this.#made;
    const unclear = this.#open > 0 || cgroup?.isPopulated === true || this.#ps !== undefined;
    const result = unclear
      ? await endProcesses(() => this.#find(), {
          killRest: () => cgroup?.kill(),
          looksAgain: this.#ps !== undefined,
        })
      : NOTHING;
    if (result.left.length === 0) {
      cgroup?.remove();
      notes?.remove();
      this.#made = undefined;
    }
    return result;
  }

  async #find(): Promise<RunningProcess[]> {
    const mark = wantToken(this.#token);
    if (this.#ps !== undefined) {
      const table = psTable(await this.#ps.list());
      const marked = [...table.values()].filter((seen) => showsMark(seen, mark));
      return psRunningOf(
        table,
        marked.map(({ pid }) => pid),
      );
    }
    const sinceMs = performance.now() - process.uptime() * 1_000;
    const pids = new Set(this.#made?.cgroup?.members());
    for (const { pid } of await findMarked(newPids(process.pid, sinceMs), mark)) pids.add(pid);
    return pids.size === 0 ? [] : runningOf(readTable(), pids);
  }

  #make(): { cgroup: RunCgroup | undefined; notes: RunNotes | undefined } {
    const cgroup = this.#ps === undefined ? RunCgroup.create(this.#token) : undefined;
    const { notesPath } = this.#options;
    const notes =
      notesPath === undefined ? undefined : new RunNotes(notesPath, this.#token, cgroup?.directory);
    return { cgroup, notes };
  }
}
