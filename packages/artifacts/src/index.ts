export { ByteBuffer } from "./codec/byte-buffer.ts";
export { decodeEvent, type DecodeError } from "./codec/decode-event.ts";
export { encodeEvent } from "./codec/encode-event.ts";
export { encodeLines } from "./codec/encode-lines.ts";
export type { CacheFacts } from "./documents/cache-facts.ts";
export { formatDocument } from "./documents/format-document.ts";
export type { JobIdentity, PipelineIdentity } from "./documents/identity.ts";
export type {
  ArtifactFile,
  FailedTest,
  JobArtifacts,
  JobTests,
  JobManifest,
  ManifestSection,
  ManifestStep,
} from "./documents/job-manifest.ts";
export type { JobSummary } from "./documents/job-summary.ts";
export type { ManifestJob, ManifestStage, PipelineManifest } from "./documents/pipeline-manifest.ts";
export type { JobCounts, PipelineSummary } from "./documents/pipeline-summary.ts";
export type { ChangesBaseReceipt, ExecutorJob, ExecutorReceipt, Receipt } from "./documents/receipt.ts";
export { jobDurations } from "./documents/job-durations.ts";
export type { RunError } from "./documents/run-error.ts";
export type { RunSummary } from "./documents/run-summary.ts";
export type { SectionSummary } from "./documents/section-summary.ts";
export type { StepSummary } from "./documents/step-summary.ts";
export {
  createRunDirectory,
  prepareReceiptsDirectory,
  restoreRunDirectory,
  type RunDirectory,
} from "./layout/create-run-directory.ts";
export { findRunsRoot } from "./layout/find-runs-root.ts";
export { checkRunDirectory } from "./layout/own-directory.ts";
export {
  logsDirectory,
  receiptPath,
  receiptsDirectory,
  runHome,
  runtimeDirectory,
} from "./layout/runtime-directory.ts";
export {
  claimRun,
  controlSocketPath,
  forgetClaim,
  type ClaimOptions,
  type RunClaim,
} from "./owner/claim-run.ts";
export { claimResource, type ResourceClaim, type ResourceUser } from "./owner/claim-resource.ts";
export { isRunAlive } from "./owner/is-run-alive.ts";
export { ownedRuns, type OwnedRun } from "./owner/owned-runs.ts";
export { removeRuns, type RemovedRuns, type RemoveRunsOptions, type RunInUse } from "./remove/remove-runs.ts";
export type { Disk } from "./write/disk.ts";
export {
  createRunRecorder,
  type FinalDocuments,
  type PastRecord,
  resumeRunRecorder,
  type RunRecorder,
  type RunRecorderOptions,
} from "./write/run-recorder.ts";
export { finalizeRun, type FinalizeParts } from "./write/finalize-run.ts";
export { composeReceipt, type ReceiptContext, type ReceiptOutcome } from "./projection/compose-receipt.ts";
export { writeFailure } from "./write/write-error.ts";
export { writeDocument } from "./write/write-document.ts";
export type { PhaseReportHead } from "./documents/phase-report-head.ts";
export { listRuns, type RunListing } from "./read/list-runs.ts";
export { readRecords } from "./read/read-records.ts";
export { openRun, readReceipt, type RunReader } from "./read/open-run.ts";
export type { ReadError } from "./read/read-error.ts";
export {
  readEvents,
  readStreamRange,
  type StreamLine,
  type StreamRecord,
  type TruncatedStream,
} from "./read/read-events.ts";
export type { LineRange } from "./read/read-lines.ts";
export type { ByteRange } from "./read/read-chunks.ts";
export { readRecordChunks, type ChunkRecord, type RecordFilter } from "./read/read-record-chunks.ts";
export { PlainOutput } from "./codec/plain-output.ts";
export type { RecordBytes } from "./codec/output-layout.ts";
export { resolveRun } from "./read/resolve-run.ts";
export { runDirectoryOf } from "./read/run-directory-of.ts";
export { runAt } from "./read/run-at.ts";
export { LineJoiner, type JoinOptions } from "./read/join-lines.ts";
export { tailStream, type StreamTail, type TailQuery } from "./read/tail-events.ts";
export type { ArtifactSchemas } from "./schemas/artifact-schemas.ts";
export { loadSchemas } from "./schemas/load-schemas.ts";
