import type {
  EpochMs,
  EventError,
  FactValue,
  JobId,
  LogLevel,
  OptionalPhaseCode,
  PhaseOutcome,
  Result,
  RunPlan,
  RunResult,
} from "@loom/core";
import type { JobProvider, JobSpec, Sections, WorkspaceCopy } from "./provider.ts";
import type { StopRequest } from "./stop-request.ts";

/** Notes facts in the run's own stream. */
export interface RunLog {
  log(level: LogLevel, message: string, facts?: Readonly<Record<string, FactValue>>): void;
}

/** An optional phase of a job, to be carried out inside sections. */
export interface PhaseRequest {
  readonly phase: OptionalPhaseCode;
  /** How the attempt came out so far; for the phases that save something. */
  readonly verdict?: "success" | "failed";
  readonly spec: JobSpec;
  /** Where the job works, if that is not `spec.workspaceRoot` itself. */
  readonly copy?: WorkspaceCopy | undefined;
  readonly sections: Sections;
  readonly stop: StopRequest;
}

/** A run that can start: what to do, and where. */
export interface PreparedRun {
  readonly plan: RunPlan;
  /** The provider of a job, and the job as that provider gets it. */
  jobFor(jobId: JobId, attempt: number): { readonly provider: JobProvider; readonly spec: JobSpec };
  /**
   * Carries out an optional phase of a job: cache and artifacts. Needed only
   * when the plan has such phases. Rejects only on a bug.
   */
  runPhase?(request: PhaseRequest): Promise<PhaseOutcome>;
}

/** What `run.bootstrap` could not do, and, if there is one, the plan whose jobs are closed without running. */
export interface BootstrapFailure {
  readonly error: EventError;
  readonly plan?: RunPlan;
}

/** What surrounds the pipeline of one run. Composed by the program. */
export interface RunHost {
  /**
   * Carries out `run.bootstrap`: repository, workspace, compiled graph. Rejects only on a bug.
   *
   * @param stop - Aborts when the run was cancelled; what is under way may then be given up.
   */
  bootstrap(log: RunLog, stop: AbortSignal): Promise<Result<PreparedRun, BootstrapFailure>>;
  /**
   * Carries out `run.finalize`: every final document is on disk when it resolves. Rejects only on a bug.
   *
   * @returns The moment that the documents give as the end of the run; its last
   *   record, which comes after them, carries the same.
   */
  finalize(result: RunResult): Promise<Result<EpochMs, EventError>>;
}
