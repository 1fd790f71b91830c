export { liveState } from "./live-state.ts";
export { requestAction, SOON, UNREACHABLE } from "./request-action.ts";
