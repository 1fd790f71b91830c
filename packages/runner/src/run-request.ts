import type { JobId, RunId } from "@loom/core";
import type { Environment } from "@loom/system";
import type { WorkflowLocation } from "./workflow/find-workflow.ts";
import type { DockerWorkspaceMount } from "./workspace/own-workspace-of.ts";

/** Says which variables a job gets with those that Loom itself sets: weaker than the workflow's own. */
export type JobVariables = (jobId: JobId) => Readonly<Record<string, string>>;

/** What a run was asked to do, with every default filled in. */
export interface RunRequest {
  readonly location: WorkflowLocation;
  readonly loomVersion: string;
  readonly concurrency: number;
  readonly failFast: boolean;
  /** How long a job is held after a step that failed, in milliseconds. Absent: it fails at once. */
  readonly pauseTimeoutMs?: number | undefined;
  readonly dockerWorkspaceMount: DockerWorkspaceMount;
  /** Jobs asked for. Empty: all. */
  readonly only: readonly string[];
  /** Manual jobs that were asked for beside them. */
  readonly play: readonly string[];
  /** What changes are counted from. Absent: the upstream branch, else the previous commit. */
  readonly base?: string | undefined;
  /** Jobs that do not run because they succeeded in an earlier run, and that run. */
  readonly kept?: ReadonlyMap<JobId, RunId> | undefined;
  /** Stronger than every variable of the workflow, by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables that a job gets with what Loom itself says of it. */
  readonly jobVariables?: JobVariables | undefined;
  /** Pool whose workers carry out every job; absent: only those that name one, where there is an exchange. */
  readonly pool?: string | undefined;
  /** The command line, for the evidence. */
  readonly command: readonly string[];
  /** The environment of the process that started the run, as far as jobs and git inherit it. */
  readonly callerEnv: Environment;
}
