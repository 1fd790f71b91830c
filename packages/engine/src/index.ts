export type { ToldOutput, ToldStream } from "./after-told.ts";
export type { CarriedOnStep } from "./job-runner.ts";
export {
  startRun,
  type CarriedOnJob,
  type RequestNote,
  type ResumedRun,
  type RunHandle,
  type RunOptions,
  type StopRequestCause,
} from "./start-run.ts";
export { LINE_LIMIT_BYTES, LineSplitter, type LinesFound } from "./line-splitter.ts";
export { PARTIAL_LINE_DELAY_MS } from "./output-lines.ts";
