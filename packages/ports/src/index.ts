export type { ProcessEnd } from "@loom/core";
export type { Clock } from "./clock.ts";
export { TERMINATION_GRACE_MS, type StopRequest } from "./stop-request.ts";
export type { Reporter, RunEnd } from "./reporter.ts";
export type { LifecycleRecord, LineBatch, RecordSink } from "./record-sink.ts";
export type {
  DeadRun,
  JobProvider,
  JobShell,
  JobSpec,
  OutputSink,
  Provider,
  ProviderRun,
  ProviderSession,
  RunProvider,
  SectionContext,
  SectionLog,
  Sections,
  ShellOptions,
  StepSpec,
  WorkspaceCopy,
} from "./provider.ts";
export { missingStepFolder, shellOf, stepCommand, stepPrograms, type StepCommand } from "./step-command.ts";
export { carriedStart, type CarriedStart, type CarryRequest } from "./carried-state.ts";
export { stepVariables } from "./step-variables.ts";
export { inSection, stoppedBefore } from "./in-section.ts";
export { LATE_OUTPUT_BYTES, LateOutput } from "./late-output.ts";
export { reportEnded, type EndedProcesses, type LeftProcess } from "./report-ended.ts";
export type { BootstrapFailure, PhaseRequest, PreparedRun, RunLog, RunHost } from "./run-lifecycle.ts";
export type { SharedEntry, SharedLog } from "./shared-log.ts";
export type { BlobStore, Exchange, Leases, TakenWork, WorkQueue } from "./exchange.ts";
