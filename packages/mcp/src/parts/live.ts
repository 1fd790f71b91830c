// What a server that was just started does not need: loaded with the first call that does.
export { createPalette } from "@loom/reporters";
export { stateLines } from "@loom/reporters/state";
export { liveState, requestAction } from "@loom/runner/live";
export { openRunIn } from "../workspace/find-run.ts";
