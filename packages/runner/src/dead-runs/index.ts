export { closeDeadRun, endLeftovers, type LeftRun } from "./finish-dead-run.ts";
