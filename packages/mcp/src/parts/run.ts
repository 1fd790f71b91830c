// What a server that was just started does not need: loaded with the first call that does.
export { startWorkflow } from "@loom/runner";
export { chooseWorkspace, chooseWorkspaceMount } from "@loom/runner/settings";
export { RunProgress } from "../run/run-progress.ts";
export { startInBackground } from "../run/start-in-background.ts";
