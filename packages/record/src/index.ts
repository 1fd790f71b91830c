export {
  isInArtifacts,
  isPartOfArtifacts,
  jobArtifactPaths,
  jobManifestPath,
  jobSummaryPath,
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
  RUN_SUMMARY_PATH,
} from "./layout/documents.ts";
export { splitJobPath, streamAt, type JobPath, type StreamPlace } from "./layout/stream-at.ts";
export {
  executionDirectory,
  executionStreamPath,
  jobDirectory,
  JOBS_DIRECTORY,
  scriptDirectory,
  sectionDirectory,
  stepDirectory,
  streamPath,
  unitDirectory,
} from "./layout/stream-path.ts";
export { fromWireTime, millisecondsBetween, wireTime } from "./time/wire-time.ts";
export { RunTable, type JobRow, type RunPlanFacts, type TableChange } from "./table/run-table.ts";
export { parentSpanId, spanId, type RunSpan, type SpanUnit } from "./spans/run-span.ts";
export { RunSpans } from "./spans/run-spans.ts";
export { heldJob, type JobPause } from "./table/held-job.ts";
export { attemptStart, type AttemptStart } from "./table/attempt-start.ts";
export { stepFailsJob, type FailingUnit } from "./table/failing-unit.ts";
export { mergedRecord } from "./layout/merged-record.ts";
export { recordedAt } from "./layout/recorded-at.ts";
