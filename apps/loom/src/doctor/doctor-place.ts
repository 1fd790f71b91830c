import type { GraphNode, Result } from "@loom/core";
import type { RunnableWorkflow, WorkflowLocation, WorkflowNotFound } from "@loom/runner/workflow";
import type { WorkflowProblem } from "@loom/workflow";
import { chooseWorkspace } from "@loom/runner/settings";
import type { ProcessIo } from "../process-io.ts";

/** What the checks look at. */
export interface DoctorPlace extends Pick<ProcessIo, "cwd" | "env" | "stdin" | "stdout"> {
  /** Absolute: the folder of the workflow, else of the runs, else where the user stands. */
  readonly projectRoot: string;
  /** Absolute. */
  readonly cacheHome: string;
  /** Value of `--workflow`. */
  readonly workflowFlag: string | undefined;
  readonly location: Result<WorkflowLocation, WorkflowNotFound>;
  /** Compiled once, for all checks that ask; `undefined` when there is none. */
  readonly compiled: Promise<Result<RunnableWorkflow, readonly WorkflowProblem[]> | undefined>;
}

/** The jobs of the workflow, none without one; `undefined` when it is not valid. */
export async function jobsOf({ compiled }: DoctorPlace): Promise<readonly GraphNode[] | undefined> {
  const workflow = await compiled;
  if (workflow === undefined) return [];
  return workflow.ok ? workflow.value.graph.nodes : undefined;
}

/** Whether jobs work in the checkout itself when no flag says otherwise: then there are no snapshots. */
export async function worksInPlace({ env, projectRoot }: DoctorPlace): Promise<boolean> {
  const workspace = await chooseWorkspace({}, { env, repoRoot: projectRoot });
  return workspace.ok && workspace.value === "in-place";
}
