export {
  createReporter,
  FLAGGED_REPORTERS,
  isReporterName,
  REPORTER_NAMES,
  REPORTERS,
  type FlaggedReporter,
  type ReporterName,
  type ReporterOptions,
} from "./table/reporter-table.ts";
export type { RunHeading, TextOutput } from "./report/reporter.ts";
export { ciRunner, type CiRunner } from "./output/ci-runner.ts";
