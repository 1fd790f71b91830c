export { startRun, type RunHandle, type RunOptions, type StopRequestCause } from "./start-run.ts";
export { LINE_LIMIT_BYTES } from "./line-splitter.ts";
export { PARTIAL_LINE_DELAY_MS } from "./output-lines.ts";
