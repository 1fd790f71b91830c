export { timeLines } from "../text/time-lines.ts";
export { readTimeline } from "../time/read-timeline.ts";
export { timeReport } from "../time/time-report.ts";
export { readFailures, type FailureCause } from "./read-failures.ts";
