import { join, relative } from "node:path";
import {
  estimatesFrom,
  NO_ESTIMATES,
  readPastRuns,
  timeLeftMs,
  type Estimates,
  type PastRun,
} from "@loom/diagnosis";
import type { VisibleRun } from "./visible-run.ts";

/** How many past runs are read and listed. */
const MAX_RUNS = 500;

/** How often to estimate the time left; in between it is counted down. Unit: milliseconds. */
const REESTIMATE_MS = 1000;

/** The past runs of a project, and the estimates that they allow for the live one. */
export class History {
  readonly #root: string | undefined;
  readonly #own: VisibleRun;
  #runs: readonly PastRun[] = [];
  #estimates: Estimates = NO_ESTIMATES;
  #left: Estimate | undefined;

  /**
   * @param root - Absolute path of the project; without it there are no past runs.
   * @param own - The live run.
   */
  constructor(root: string | undefined, own: VisibleRun) {
    this.#root = root;
    this.#own = own;
  }

  /** The past runs, newest first, with the live one; at most {@link MAX_RUNS}. */
  get runs(): readonly PastRun[] {
    return this.#runs;
  }

  /** Whether a run is known to be running. */
  isRunning(directory: string | undefined): boolean {
    return this.#runs.some((run) => run.directory === directory && run.status === "running");
  }

  /** How long the jobs of the live run may take. */
  get estimates(): Estimates {
    return this.#estimates;
  }

  /** Reads the past runs. @param onChange - Called whenever more of them have been read. */
  read(onChange: () => void): void {
    const root = this.#root;
    if (root === undefined) return;
    const workflow = relative(root, join(root, workflowIn(this.#own.workflow)));
    const onSome = (runs: readonly PastRun[]): void => {
      this.#runs = runs.map((run) => this.#withOwnState(run));
      this.#estimates = estimatesFrom(runs, workflow);
      this.#left = undefined;
      onChange();
    };
    void readPastRuns(root, { limit: MAX_RUNS, onSome });
  }

  /**
   * How long the live run will still take, in milliseconds; `undefined` if unknown.
   *
   * An estimate simulates the rest of the run, so it is made only once a second: frames come ten times as often.
   *
   * @param workers - How many jobs run at a time, if the run does not say.
   */
  leftMs(nowMs: number, workers: number): number | undefined {
    if (this.#estimates.jobs.size === 0 || this.#own.model.graph === undefined) return undefined;
    if (this.#left === undefined || nowMs - this.#left.atMs >= REESTIMATE_MS || nowMs < this.#left.atMs) {
      const ms = timeLeftMs(this.#own.timeline(nowMs, workers), this.#estimates);
      this.#left = { atMs: nowMs, ms: smoothed(this.#left, { atMs: nowMs, ms }) };
    }
    const { atMs, ms } = this.#left;
    return ms === undefined ? undefined : Math.max(0, ms - (nowMs - atMs));
  }

  /** Completes the entry of the live run, which has no receipt yet. */
  #withOwnState(run: PastRun): PastRun {
    const { live, directory, workflow } = this.#own;
    const isOwn = live && run.directory === directory && run.workflow === "";
    return isOwn ? { ...run, status: "running", workflow: workflowIn(workflow) } : run;
  }
}

/** The time left, as estimated at some moment. */
interface Estimate {
  readonly atMs: number;
  readonly ms: number | undefined;
}

/** A new estimate replaces a lower one only if it is higher by this factor, so that the shown time does not jitter. */
const MIN_RISE = 1.1;

function smoothed(before: Estimate | undefined, { atMs, ms }: Estimate): number | undefined {
  if (before?.ms === undefined || ms === undefined) return ms;
  const counted = Math.max(0, before.ms - (atMs - before.atMs));
  return ms > counted && ms < counted * MIN_RISE ? counted : ms;
}

/** The workflow as receipts name it: its path in the project. */
function workflowIn(path: string): string {
  const at = path.lastIndexOf(".loom/");
  return at < 0 ? path : path.slice(at);
}
