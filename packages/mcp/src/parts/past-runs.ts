// What a server that was just started does not need: loaded with the first call that does.
export {
  compiledJobs,
  diffData,
  diffLines,
  diffRuns,
  explainedJobData,
  explainJobs,
  explanationLines,
  linePattern,
  logLineData,
  readLog,
  readPastRuns,
  runsData,
} from "@loom/diagnosis";
export { judgeRunDirectory } from "@loom/phase-validator/directory";
export { cleanLine } from "@loom/reporters";
export { createGit } from "@loom/system";
export { explainOpened } from "../tools/explain-opened.ts";
export { jobLines } from "../tools/job-lines.ts";
export { findRun, openRunIn } from "../workspace/find-run.ts";
export { WorkspaceRoot } from "../workspace/workspace-root.ts";
