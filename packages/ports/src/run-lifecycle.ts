import type {
  EventError,
  GraphNode,
  JobId,
  LogLevel,
  FactValue,
  Result,
  RunPlan,
  RunStatus,
} from "@loom/core";
import type { JobSpec, Provider } from "./provider.ts";

/** Notes facts in the run's own stream. */
export interface RunLog {
  log(level: LogLevel, message: string, facts?: Readonly<Record<string, FactValue>>): void;
}

/** A run that can start: what to do, and where. */
export interface PreparedRun {
  readonly plan: RunPlan;
  /** The provider of a job, and the job as that provider is given it. */
  jobFor(jobId: JobId, attempt: number): { readonly provider: Provider; readonly spec: JobSpec };
  /** The compiled node of a job. */
  nodeOf(jobId: JobId): GraphNode;
}

/** What `run.bootstrap` could not do, and the plan whose jobs are closed unrun, where there is one. */
export interface BootstrapFailure {
  readonly error: EventError;
  readonly plan?: RunPlan;
}

/** How a run ended, as the documents will say it. */
export interface RunOutcome {
  readonly status: RunStatus;
  /** Spec 1.4: 0, 1, 130 or 143. */
  readonly exitCode: number;
  /** Why it is not a success; absent when it is. `jobId` where one job is the cause. */
  readonly error?: EventError & { readonly jobId?: JobId };
  /** The blocking failures, in the order in which they finished. */
  readonly failedJobIds: readonly JobId[];
}

/** What surrounds the pipeline of one run. Composed by the program. */
export interface RunSurroundings {
  /** Carries out `run.bootstrap`: repository, workspace, compiled graph. Rejects only on a bug. */
  bootstrap(log: RunLog): Promise<Result<PreparedRun, BootstrapFailure>>;
  /** Carries out `run.finalize`: every final document is on disk when it resolves. Rejects only on a bug. */
  finalize(outcome: RunOutcome): Promise<Result<void, EventError>>;
}
