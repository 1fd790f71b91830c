import type { PlainOutput } from "@loom/artifacts";
import type { LogLine } from "./log-line.ts";

/** Lines of one unit that follow each other. */
export interface LogBlock extends Pick<LogLine, "jobId" | "unit"> {
  /** Those of printable ASCII, which is nearly every line there is, as the bytes of their record. */
  readonly lines: readonly (LogLine | PlainOutput)[];
}
