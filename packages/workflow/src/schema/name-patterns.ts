/** What a stage may be called. */
export const STAGE_NAME: RegExp = /^[a-z][a-z0-9_-]{0,31}$/;

/** What a job may be called; a leading dot marks a template. */
export const JOB_NAME: RegExp = /^(?!(?:null|true|false)$)\.?[a-z][a-z0-9_-]{0,63}$/;

/** What a variable or a secret may be called. */
export const VARIABLE_NAME: RegExp = /^[A-Z_][A-Z0-9_]*$/;

/** What a runner pool may be called. */
export const RUNNER_POOL_NAME: RegExp = /^[a-z][a-z0-9_-]{0,63}$/;

/** Names of resources: they are names of files, too. */
export const RESOURCE_NAME: RegExp = /^[a-z][a-z0-9_-]{0,63}$/;

/** Whether a job is inherited from and never run. */
export function isTemplate(jobName: string): boolean {
  return jobName.startsWith(".");
}

/** The keys of a job that `default` may not hold. */
export const NOT_IN_DEFAULT = ["stage", "extends", "needs", "secrets"] as const;
