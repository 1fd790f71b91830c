/** What is known of a run before and while a job runs. */
export interface RunFacts {
  readonly runId: string;
  readonly pipelineId: string;
  /** As the user named it, relative to the repository. */
  readonly workflowPath: string;
  /** Absolute path of the workspace as the job sees it. */
  readonly projectDir: string;
  /** Absent outside of a job, as in `workflow.rules`. */
  readonly job?: JobFacts | undefined;
  /** Absent without a repository. */
  readonly commit?: CommitFacts | undefined;
}

/** What is known of a job. */
export interface JobFacts {
  readonly id: string;
  readonly stage: string;
  readonly target: string;
  /** Name of its image. */
  readonly image?: string | undefined;
  /** The name of its provider: `host`, `docker`, or that of one of your own. */
  readonly provider: string;
  /** Number of the step, counted from 1. Absent outside of steps. */
  readonly step?: number | undefined;
}

/** What is known of the commit that is checked out. */
export interface CommitFacts {
  readonly sha: string;
  /** Absent on a detached head. */
  readonly branch?: string | undefined;
  readonly message?: string | undefined;
}

/** How much of a commit's hash its short form keeps. Source: GitLab CI's `CI_COMMIT_SHORT_SHA`. */
const SHORT_SHA_LENGTH = 8;

/** The variables that are always there, weaker than everything a user sets. Always in the same order. */
export function predefinedVariables(facts: RunFacts): Readonly<Record<string, string>> {
  const { job, commit } = facts;
  return {
    LOOM_CI: "true",
    CI: "true",
    LOOM_RUN_ID: facts.runId,
    LOOM_PIPELINE_ID: facts.pipelineId,
    CI_PIPELINE_ID: facts.pipelineId,
    LOOM_WORKFLOW_PATH: facts.workflowPath,
    LOOM_PROJECT_DIR: facts.projectDir,
    CI_PROJECT_DIR: facts.projectDir,
    ...(job !== undefined && jobVariables(job)),
    ...(commit !== undefined && commitVariables(commit)),
  };
}

function jobVariables({ id, stage, target, image, provider, step }: JobFacts): Record<string, string> {
  return {
    LOOM_JOB_ID: id,
    LOOM_JOB_NAME: id,
    CI_JOB_NAME: id,
    LOOM_JOB_STAGE: stage,
    CI_JOB_STAGE: stage,
    LOOM_JOB_TARGET: target,
    ...(image !== undefined && { LOOM_JOB_IMAGE: image }),
    LOOM_PROVIDER: provider,
    ...(step !== undefined && { LOOM_STEP: String(step) }),
  };
}

function commitVariables({ sha, branch, message }: CommitFacts): Record<string, string> {
  return {
    CI_COMMIT_SHA: sha,
    CI_COMMIT_SHORT_SHA: sha.slice(0, SHORT_SHA_LENGTH),
    ...(branch !== undefined && { CI_COMMIT_BRANCH: branch }),
    ...(message !== undefined && { CI_COMMIT_MESSAGE: message }),
  };
}
