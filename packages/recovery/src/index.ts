export { recoverRun, type RecoverOptions, type RecoveredRun, type RecoveryError } from "./recover-run.ts";
