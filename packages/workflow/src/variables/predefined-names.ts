import { predefinedVariables } from "./predefined-variables.ts";

/** The names of every variable that a job may have without anybody setting it. */
export const PREDEFINED_NAMES: readonly string[] = Object.keys(
  predefinedVariables({
    runId: "",
    pipelineId: "",
    workflowPath: "",
    projectDir: "",
    job: { id: "", stage: "", target: "", image: "", provider: "", step: 1 },
    commit: { sha: "", branch: "", message: "" },
  }),
);
