export { runState, type JobStateRow, type RunState, type RunStateCounts } from "./view/run-state.ts";
export { stateLines } from "./text/state-lines.ts";
export { ViewModel } from "./view/view-model.ts";
