export type { RecoveredRun, RecoveryError } from "./close-run.ts";
export {
  readInterruptedRun,
  type InterruptedRun,
  type RecordedWorkspace,
  type ReopenedRun,
} from "./interrupted-run.ts";
export { recoverRun, type RecoverOptions } from "./recover-run.ts";
