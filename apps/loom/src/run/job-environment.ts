import type { GraphNode, RunIdentity } from "@loom/core";
import type { GitFacts } from "./git-facts.ts";

/** What the environment of every job of a run has in common. */
export interface EnvironmentFacts {
  readonly identity: RunIdentity;
  /** Relative to the project. */
  readonly workflowPath: string;
  /** Absolute path of the folder that jobs work in. */
  readonly projectDir: string;
  readonly git: GitFacts | undefined;
  /** `--var`, by name: stronger than everything in the workflow. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Makes the function that gives a job its variables.
 *
 * Order of rising strength: predefined, the workflow's (already merged in the node), `--var`.
 */
export function jobEnvironment(
  facts: EnvironmentFacts,
): (node: GraphNode, provider: string) => Record<string, string> {
  const ofRun = runVariables(facts);
  return (node, provider) => ({
    ...ofRun,
    LOOM_JOB_NAME: node.id,
    LOOM_JOB_ID: node.id,
    LOOM_JOB_STAGE: node.stage,
    LOOM_JOB_TARGET: node.target,
    LOOM_PROVIDER: provider,
    CI_JOB_NAME: node.id,
    CI_JOB_STAGE: node.stage,
    ...Object.fromEntries((node.variables ?? []).map(({ key, value }) => [key, value])),
    ...facts.variables,
  });
}

function runVariables({ identity, workflowPath, projectDir, git }: EnvironmentFacts): Record<string, string> {
  return {
    LOOM_CI: "true",
    CI: "true",
    LOOM_RUN_ID: identity.runId,
    LOOM_PIPELINE_ID: identity.pipelineId,
    LOOM_WORKFLOW_PATH: workflowPath,
    LOOM_PROJECT_DIR: projectDir,
    CI_PROJECT_DIR: projectDir,
    CI_PIPELINE_ID: identity.pipelineId,
    ...(git !== undefined && {
      CI_COMMIT_SHA: git.headSha,
      CI_COMMIT_SHORT_SHA: git.headSha.slice(0, 8),
      CI_COMMIT_MESSAGE: git.message,
    }),
    ...(git?.branch !== undefined && { CI_COMMIT_BRANCH: git.branch }),
  };
}
