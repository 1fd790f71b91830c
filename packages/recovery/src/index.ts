export type { RecoveredRun, RecoveryError } from "./close-run.ts";
export { recoverRun, type RecoverOptions } from "./recover-run.ts";
