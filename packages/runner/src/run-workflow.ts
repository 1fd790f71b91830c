import { LoomError } from "@loom/core";
import type { Explanation } from "@loom/diagnosis";
import { explainFinished } from "./explain-finished.ts";
import { environmentOf } from "./option-defaults.ts";
import type { StartError, StartErrorCode } from "./start-error.ts";
import { startWorkflow, type FinishedRun, type StartWorkflowOptions } from "./start-workflow.ts";

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
    const explanation =
      finished.status === "success"
        ? undefined
        : await explainFinished(run.runDirectory, run.repoRoot, environmentOf(options));
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
