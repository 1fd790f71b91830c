/** Keys of a job that a workflow has no word for, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  environment: "deployments are not tracked here",
  coverage: "no coverage is read from the output",
  interruptible: "nothing else cancels a run here",
  resource_group: "runs do not wait for each other",
  release: "no release is made here",
  pages: "nothing is published here",
  publish: "nothing is published here",
  id_tokens: "there is no issuer of tokens here",
  identity: "there is no issuer of tokens here",
  secrets: "write secrets with a ref, such as env://NAME",
  start_in: "jobs start without a delay",
  hooks: "commands before the checkout have no place here",
  manual_confirmation: "jobs are started without a question",
  dast_configuration: "it is a service of GitLab",
  run: "write its steps as script",
  trigger: "other pipelines are not started",
};

/** Root keys that are no jobs. */
export const ROOT_KEYS: ReadonlySet<string> = new Set([
  "stages",
  "types",
  "variables",
  "default",
  "workflow",
  "include",
  "spec",
  "image",
  "services",
  "cache",
  "before_script",
  "after_script",
]);

/** Keys that may stand in `default`. */
export const DEFAULT_KEYS = [
  "image",
  "services",
  "cache",
  "before_script",
  "after_script",
  "artifacts",
  "retry",
  "timeout",
  "tags",
  "interruptible",
  "hooks",
  "id_tokens",
  "identity",
] as const;
