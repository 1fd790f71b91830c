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

/** Runs that are read; the list goes no further back. */
const MOST_RUNS = 500;

/** For how long the time left is only counted down. */
const ANEW_EVERY_MS = 1000;

/** The past runs of a project, and what they say of the one that happens. */
export class History {
  readonly #root: string | undefined;
  readonly #own: VisibleRun;
  #runs: readonly PastRun[] = [];
  #estimates: Estimates = NO_ESTIMATES;
  #left: { readonly atMs: number; readonly ms: number | undefined } | undefined;

  /** @param root - Absolute path of the project; without it there are no past runs. */
  constructor(root: string | undefined, own: VisibleRun) {
    this.#root = root;
    this.#own = own;
  }

  /** Newest first. */
  get runs(): readonly PastRun[] {
    return this.#runs;
  }

  /** How long the jobs of the run that happens may take. */
  get estimates(): Estimates {
    return this.#estimates;
  }

  /** Reads what there is. @param onChange - Called whenever there is more. */
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
    void readPastRuns(root, { limit: MOST_RUNS, onSome });
  }

  /**
   * Milliseconds that the run that happens will still take; `undefined` where nothing is known.
   *
   * Worked out anew once a second: it plays the rest of the run, and frames come ten times as often.
   */
  leftMs(nowMs: number, workers: number): number | undefined {
    if (this.#estimates.jobs.size === 0 || this.#own.model.graph === undefined) return undefined;
    if (this.#left === undefined || nowMs - this.#left.atMs >= ANEW_EVERY_MS || nowMs < this.#left.atMs)
      this.#left = { atMs: nowMs, ms: timeLeftMs(this.#own.timeline(nowMs, workers), this.#estimates) };
    const { atMs, ms } = this.#left;
    return ms === undefined ? undefined : Math.max(0, ms - (nowMs - atMs));
  }

  /** The run that happens has no receipt yet. */
  #withOwnState(run: PastRun): PastRun {
    const { live, directory, workflow } = this.#own;
    const isOwn = live && run.directory === directory && run.workflow === "";
    return isOwn ? { ...run, status: "running", workflow: workflowIn(workflow) } : run;
  }
}

/** The workflow as receipts name it: its place in the project. */
function workflowIn(path: string): string {
  const at = path.lastIndexOf(".loom/");
  return at < 0 ? path : path.slice(at);
}
