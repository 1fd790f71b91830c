export {
  readReport,
  ALL_LOG_BYTES,
  JOB_LOG_BYTES,
  type ReadReport,
  type ReadReportOptions,
} from "./read-report.ts";
export { renderHtml } from "./render-html.ts";
export type {
  LogRun,
  ReportData,
  ReportedAttempt,
  ReportedCounts,
  ReportedJob,
  ReportedLog,
  ReportedRun,
  ReportedStep,
  ReportedTime,
} from "./report-data.ts";
export { reportData, type RunReadings } from "./report-data-of.ts";
