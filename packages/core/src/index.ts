export { err, ok, type Result } from "./result.ts";
export { LoomError, unwrap, type Failure } from "./unwrap.ts";
export { unreachable } from "./unreachable.ts";
export type { FoundError } from "./found-error.ts";
export { foundErrorText } from "./found-error-text.ts";
export type { ReportedTest } from "./reported-test.ts";
export { lastState, startOfLastState } from "./last-state.ts";
export {
  epochMs,
  jobId,
  identityOf,
  runIdentity,
  type EpochMs,
  type JobId,
  type PipelineId,
  type RunId,
  type RunIdentity,
  PIPELINE_ID_PREFIX,
  RUN_ID_PREFIX,
  runNanoseconds,
} from "./ids.ts";
export {
  JOB_STATUSES,
  PAST_RUN_STATUSES,
  PHASE_STATUSES,
  RUN_STATUSES,
  SCOPES,
  SKIP_REASONS,
  WHENS,
  EVENT_SCHEMA_VERSION,
  isTerminal,
  JOB_PHASE_ORDER,
  PHASES,
  SECTION_PHASES,
  SET_UP_PHASES,
  isSectionName,
  type JobPhaseCode,
  type JobStatus,
  type OptionalPhaseCode,
  type PhaseCode,
  type PhaseFamily,
  type PhaseStatus,
  type RunPhaseCode,
  type RunStatus,
  type Scope,
  type SavePhaseCode,
  type SectionName,
  type SetUpPhaseCode,
  type SkipReason,
  type SystemPhaseCode,
  type When,
  type WithheldReason,
} from "./vocabulary.ts";
export { ERROR_CODES, errorCode, type ErrorCode, type ForeignCode } from "./error-code.ts";
export type {
  Emission,
  EventBase,
  EventDraft,
  EventError,
  FactValue,
  JobStateEvent,
  LogEvent,
  LogLevel,
  LoomEvent,
  OutputEvent,
  OutputStream,
  PhaseFields,
  PhaseFinishEvent,
  PhaseStartEvent,
  StreamRef,
} from "./event.ts";
export { LOG_LEVELS, OUTPUT_STREAMS } from "./event.ts";
export {
  EMPTY_GRAPH,
  GRAPH_IR_SCHEMA,
  cachesOf,
  decidingSteps,
  imageOf,
  nodeSteps,
  stepTitle,
  tolerates,
  whenOf,
  type GraphArtifacts,
  type GraphReports,
  type GraphCache,
  type GraphEdge,
  type GraphBuild,
  type GraphImage,
  type GraphIr,
  type GraphMatrix,
  type GraphNode,
  type GraphRetry,
  type AllowFailure,
  type GraphRule,
  type NodeStep,
  type StepPart,
  type GraphSecret,
  type GraphService,
  CARRIED,
  type Carried,
  type GraphStep,
  type GraphVariable,
  type RetryCause,
  type PullPolicy,
} from "./graph-ir.ts";
export { planFacts, planOf, planOfFacts } from "./plan-facts.ts";
export {
  formatClock,
  formatDuration,
  formatSpan,
  spokenDuration,
  writtenDuration,
} from "./format-duration.ts";
export { MAX_DURATION_MS, parseDuration } from "./parse-duration.ts";
export { reachedLimit, type ReachedLimit } from "./reached-limit.ts";
export { readGraph } from "./read-graph.ts";
export { relativePaths, workplaceOf, type OwnWorkplaces, type Workplace } from "./project-paths.ts";
export { jobsByMatrix, type MatrixGroup } from "./jobs-by-matrix.ts";
export { jobsByName, jobsNamed } from "./jobs-by-name.ts";
export {
  PAUSE_TIMEOUT_MS,
  planRun,
  type JobPlan,
  type OptionalPhases,
  type PlanOptions,
  type RunPlan,
} from "./run-plan.ts";
export type { JobResult, PhaseOutcome, ProcessEnd, StepEnd } from "./job-result.ts";
export type { JobSchedule, ScheduleDecision } from "./job-schedule.ts";
export type { IllegalInput } from "./illegal-input.ts";
export {
  isPaused,
  jobStatus,
  type CleaningUpJob,
  type ExecutingJob,
  type AttemptStop,
  type JobState,
  type OpenSection,
  type PausedJob,
  type RunningJob,
  type SavingJob,
  type SettingUpJob,
  type Verdict,
} from "./job-state.ts";
export { RESUME_HOWS, type JobCommand, type JobInput, type ResumeHow } from "./job-input.ts";
export { LOST_WORKER_RETRIES, MAX_ATTEMPTS, stepJob, type JobContext, type JobStep } from "./step-job.ts";
export type { BootstrapOutcome, JobReport, RunCommand, RunInput, StopCause } from "./run-input.ts";
export { SIGNAL_EXIT_CODES, type RunResult } from "./run-result.ts";
export { RunMachine, type RunMachineOptions, type RunStage, type RunStep } from "./run-machine.ts";
export { interruptRun, type Interruption } from "./interrupt-run.ts";
export { lostReport } from "./lost-attempt.ts";
export { recordedSchedule } from "./recorded-schedule.ts";
export {
  replayRun,
  type RecordedEvent,
  type ReplayedRun,
  type ReplayMismatch,
  type ReplayOptions,
} from "./replay-run.ts";
export { WaitingJobs, type WaitingPlan } from "./waiting-jobs.ts";
