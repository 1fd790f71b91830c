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
  #left: Guess | undefined;

  /** @param root - Absolute path of the project; without it there are no past runs. */
  constructor(root: string | undefined, own: VisibleRun) {
    this.#root = root;
    this.#own = own;
  }

  /** Newest first. */
  get runs(): readonly PastRun[] {
    return this.#runs;
  }

  /** Whether the process of a run is alive, as far as is known. */
  isRunning(directory: string | undefined): boolean {
    return this.#runs.some((run) => run.directory === directory && run.status === "running");
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
    if (this.#left === undefined || nowMs - this.#left.atMs >= ANEW_EVERY_MS || nowMs < this.#left.atMs) {
      const ms = timeLeftMs(this.#own.timeline(nowMs, workers), this.#estimates);
      this.#left = { atMs: nowMs, ms: steadied(this.#left, { atMs: nowMs, ms }) };
    }
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

/** A guess at a moment. */
interface Guess {
  readonly atMs: number;
  readonly ms: number | undefined;
}

/** A guess rises only where it would rise by more than this: a number that wobbles is not believed. */
const LEAST_RISE = 1.1;

function steadied(before: Guess | undefined, { atMs, ms }: Guess): number | undefined {
  if (before?.ms === undefined || ms === undefined) return ms;
  const counted = Math.max(0, before.ms - (atMs - before.atMs));
  return ms > counted && ms < counted * LEAST_RISE ? counted : ms;
}

/** The workflow as receipts name it: its place in the project. */
function workflowIn(path: string): string {
  const at = path.lastIndexOf(".loom/");
  return at < 0 ? path : path.slice(at);
}
