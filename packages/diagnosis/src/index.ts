export { recogniseErrors } from "./errors/recognise-errors.ts";
export type { RecognisedError } from "./errors/recognised-error.ts";
export { chooseExcerpt, type Excerpt } from "./errors/choose-excerpt.ts";
export { explainRun, type ExplainOptions } from "./explain/explain-run.ts";
export {
  EXPLANATION_BYTES,
  type ExplainedError,
  type ExplainedFailure,
  type ExplainedOutcome,
  type Explanation,
  type ExplainedChanges,
  type RunningWork,
  type SeenBefore,
  type FailureMeaning,
  type LeftOut,
  type OtherFailure,
} from "./explain/explanation.ts";
export { failureMeaning, type FailureFacts } from "./explain/failure-meaning.ts";
export type { ExplanationSchema } from "./explain/explanation-schema.ts";
export { loadExplanationSchema } from "./explain/load-explanation-schema.ts";
export type { FollowOptions } from "./log/follow-pace.ts";
export { followEvents, type FollowedEvent, type FollowEventsOptions } from "./log/follow-events.ts";
export { followRecords } from "./log/follow-records.ts";
export type { LinePattern, LogLine, LogQuery, LogUnit } from "./log/log-line.ts";
export { linePattern } from "./log/line-pattern.ts";
export { compiledJobs } from "./log/compiled-jobs.ts";
export { findLogJob } from "./log/find-log-job.ts";
export { openPastRun, openRunOrJob, type OpenedRun, type OpenedRunOrJob } from "./open/open-past-run.ts";
export { readRunningWork } from "./explain/read-running-work.ts";
export type { LogBlock } from "./log/log-block.ts";
export { PlacedRecords, type PlacedFile, type PlacedRecord } from "./log/placed-records.ts";
export { readLog, readLogBlocks, type ReadLogOptions } from "./log/read-log.ts";
export { explainJob, type JobExplanation } from "./time/explain-job.ts";
export {
  explainJobs,
  type ExplainedJob,
  type ExplainedJobs,
  type ExplainJobsError,
} from "./time/explain-jobs.ts";
export type { JobWait } from "./time/job-waits.ts";
export { planReport, type PlannedJob, type PlannedStage, type PlanReport } from "./time/plan-report.ts";
export { readTimeline } from "./time/read-timeline.ts";
export {
  simulateSchedule,
  type SimulatedJob,
  type SimulatedJobs,
  type SimulatedRun,
} from "./time/simulate-schedule.ts";
export {
  criticalPath,
  timeReport,
  type CriticalJob,
  type LongWait,
  type SlotForecast,
  type TimeReport,
} from "./time/time-report.ts";
export {
  createTimeline,
  timelineOf,
  type JobTimes,
  type Timeline,
  type TimelineBuilder,
} from "./time/timeline.ts";
export { estimatesFrom, expectedMs, NO_ESTIMATES, timeLeftMs, type Estimates } from "./history/estimates.ts";
export { diffLines } from "./diff/diff-lines.ts";
export { diffRuns, type DiffedJob, type DiffedResult, type RunDiff } from "./diff/diff-runs.ts";
export { readFlakyJobs, type FlakyJob, type FlakyOptions, type FlakyReport } from "./history/flaky-jobs.ts";
export { readPastRuns, type PastRun, type PastRunsOptions } from "./history/read-past-runs.ts";
export { readRunFacts, recordedTree, type RecordedFacts } from "./changes/read-run-facts.ts";
export { changesOptions } from "./changes/changes-options.ts";
export { changesSince, type ChangesOptions, type JobChanges } from "./changes/changes-since.ts";
export type { CommitChanges } from "./changes/compare-commits.ts";
export type { WorkflowChanges } from "./changes/compare-job.ts";
export { explanationLines, type ExplanationStyle } from "./text/explanation-lines.ts";
export { wrapWords, type Paint } from "./text/paint.ts";
export { planLines, type PlanStyle } from "./text/plan-lines.ts";
export { timeLines } from "./text/time-lines.ts";
export { diffData } from "./data/diff-data.ts";
export { explainedJobData } from "./data/explained-job-data.ts";
export { runsData, type ListedRun } from "./data/runs-data.ts";
export { logLineData, logPlaceData } from "./data/log-line-data.ts";
export {
  chromeTrace,
  type ChromeName,
  type ChromeSpan,
  type ChromeTrace,
  type ChromeTraceEvent,
} from "./trace/chrome-trace.ts";
