import { openRun } from "@loom/artifacts";
import { LoomError } from "@loom/core";
import type { Explanation } from "@loom/diagnosis";
import type { StartError, StartErrorCode } from "./start-error.ts";
import { startWorkflow, type FinishedRun, type StartWorkflowOptions } from "./start-workflow.ts";
import { loadPart } from "./workflow/load-part.ts";

/** Why there was no run. */
export class WorkflowError extends LoomError {
  declare readonly code: StartErrorCode;

  constructor(cause: StartError) {
    super(cause);
    this.name = "WorkflowError";
  }
}

/** What to run, how, and what stops it. */
export interface RunWorkflowOptions extends StartWorkflowOptions {
  /** Aborting it stops the run, which then closes as cancelled. Default: nothing stops it. */
  readonly signal?: AbortSignal | undefined;
}

/** A finished run. */
export interface WorkflowResult extends FinishedRun {
  readonly runId: string;
  /** Absolute path of the run's evidence. */
  readonly runDirectory: string;
  /** Why it ended as it did; absent for a success, and where the evidence cannot be read. */
  readonly explanation?: Explanation;
}

/**
 * Runs the workflow of a project to its end, as `loom run` does.
 *
 * @returns How it came out: a failure is an answer, not an exception.
 * @throws {WorkflowError} When there is nothing to run; any other error is a bug.
 */
export async function runWorkflow(options: RunWorkflowOptions = {}): Promise<WorkflowResult> {
  const { signal } = options;
  const started = await startWorkflow(options);
  if (!started.ok) throw new WorkflowError(started.error);
  const run = started.value;
  const stop = (): void => run.stop();
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const finished = await run.finished;
    const explanation = finished.status === "success" ? undefined : await explain(run.runDirectory);
    return {
      ...finished,
      runId: run.identity.runId,
      runDirectory: run.runDirectory,
      ...(explanation !== undefined && { explanation }),
    };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

async function explain(runDirectory: string): Promise<Explanation | undefined> {
  const run = await openRun(runDirectory);
  if (!run.ok) return undefined;
  // Loaded for a failure only: the program has this file beside what every run loads.
  const loaded = await loadPart("explains runs", async () => import("@loom/diagnosis"));
  if (!loaded.ok) return undefined;
  const explained = await loaded.value.explainRun(run.value);
  return explained.ok ? explained.value : undefined;
}
