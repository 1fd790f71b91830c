export { shellOfJob } from "./shell-of.ts";
export { liveState } from "./live-state.ts";
export { requestAction, SOON, UNREACHABLE } from "./request-action.ts";
