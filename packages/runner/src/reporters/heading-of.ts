import { relative } from "node:path";
import type { RunHeading } from "@loom/reporters/table";
import type { RunStart } from "../run-start.ts";

/** The heading of what a reporter prints, for a user in a given folder. */
export function headingOf(start: RunStart, cwd: string): RunHeading {
  return {
    workflowPath: relative(cwd, start.workflowPath),
    logsDir: relative(cwd, start.runDirectory),
    workers: start.concurrency,
  };
}
