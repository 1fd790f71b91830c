import { RunCgroup } from "../cgroup/run-cgroup.ts";
import { endProcesses, type EndedProcesses } from "./end-processes.ts";
import { readTable } from "./family.ts";
import { findMarked } from "./find-marked.ts";
import { JobProcesses, runningOf } from "./job-processes.ts";
import { newToken, wantToken } from "./mark.ts";
import { newPids } from "./new-pids.ts";
import { listByPs, showsMark } from "./ps-processes.ts";
import { RunNotes } from "./run-notes.ts";
import type { RunningProcess } from "./running-process.ts";

/** Where a run's processes are noted, and what it is part of. */
export interface RunProcessesOptions {
  /** Absolute path. */
  readonly notesPath?: string | undefined;
  /** Mark of the job that this run is part of. */
  readonly outerMark?: string | undefined;
}

/** What the processes of one job are known by. */
export interface KnownJob {
  /** Value of the variable that each gets. */
  readonly mark: string;
  readonly processes: JobProcesses;
  /** The job is over. */
  release(): void;
}

const NOTHING: EndedProcesses = { ended: [], left: [] };

/** Keeps the processes of one run, and of each of its jobs, known. */
export class RunProcesses {
  readonly #options: RunProcessesOptions;
  readonly #token = newToken();
  #made: { readonly cgroup: RunCgroup | undefined; readonly notes: RunNotes | undefined } | undefined;
  #jobs = 0;
  /** Jobs that were set up and not closed. */
  #open = 0;

  constructor(options: RunProcessesOptions) {
    this.#options = options;
  }

  /** Makes what processes are known by. Called once; whoever calls `job` or `end` has awaited it. */
  async warm(): Promise<void> {
    this.#made ??= this.#make();
    await this.#made.cgroup?.tryToEnter();
  }

  /** A job that is about to run. */
  job(): KnownJob {
    this.#made ??= this.#make();
    const { cgroup, notes } = this.#made;
    const token = `${this.#token}.${(this.#jobs += 1)}`;
    const { outerMark } = this.#options;
    const group = cgroup?.take();
    this.#open += 1;
    return {
      mark: outerMark === undefined || outerMark === "" ? token : `${outerMark},${token}`,
      processes: new JobProcesses({ mark: wantToken(token), cgroup: group, notes }),
      release: () => {
        this.#open -= 1;
        if (group !== undefined) cgroup?.giveBack(group);
      },
    };
  }

  /** Ends what is left of all jobs. Costs next to nothing when all were closed and left nothing. */
  async end(): Promise<EndedProcesses> {
    if (this.#made === undefined) return NOTHING;
    const { cgroup, notes } = this.#made;
    const unclear = this.#open > 0 || cgroup?.isPopulated === true || process.platform !== "linux";
    const result = unclear
      ? await endProcesses(() => this.#find(), { killRest: () => cgroup?.kill() })
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
    if (process.platform !== "linux") return (await listByPs()).filter((seen) => showsMark(seen, mark));
    const sinceMs = performance.now() - process.uptime() * 1_000;
    const pids = new Set(this.#made?.cgroup?.members());
    for (const { pid } of await findMarked(newPids(process.pid, sinceMs), mark)) pids.add(pid);
    return pids.size === 0 ? [] : runningOf(readTable(), pids);
  }

  #make(): { cgroup: RunCgroup | undefined; notes: RunNotes | undefined } {
    const cgroup = RunCgroup.create(this.#token);
    const { notesPath } = this.#options;
    const notes =
      notesPath === undefined ? undefined : new RunNotes(notesPath, this.#token, cgroup?.directory);
    return { cgroup, notes };
  }
}
