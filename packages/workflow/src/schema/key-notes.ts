/** What editors show of a key. */
export interface KeyNote {
  readonly description: string;
  /** What holds where the key is left out. Absent: nothing does. */
  readonly default?: unknown;
}

const WHEN = "on_success, on_failure or always, judged by how the job came out.";

/** Every key of a workflow, by the keys that lead to it: from the root, or from a job, a template or `default`. */
export const KEY_NOTES: { readonly [path: string]: KeyNote } = {
  version: { description: "Version of the format: v1." },
  stages: {
    description: "Stages in the order they run. A stage starts when every job of the earlier ones has ended.",
  },
  include: {
    description: "Files below .loom/templates/ whose jobs, variables and default lie under this file's.",
  },
  "include.local": { description: "Path of the file, from the folder that holds .loom." },
  workflow: { description: "Whether the pipeline runs at all." },
  "workflow.rules": {
    description: "The first rule whose condition holds decides; when none does, the pipeline does not run.",
  },
  "workflow.rules.if": {
    description: 'The condition, such as $CI_COMMIT_BRANCH == "main" or $CI_COMMIT_MESSAGE =~ /fix/i.',
  },
  "workflow.rules.when": {
    description: "Whether the pipeline runs where the condition holds: always or never.",
    default: "always",
  },
  default: { description: "Settings for every job; weaker than extends and the job itself." },
  stage: { description: "The stage this job belongs to, one of stages." },
  title: { description: "Text that is shown beside the name of the job: 1 to 80 characters on one line." },
  target: { description: "Where the job runs: linux.", default: "linux" },
  before_script: { description: "Commands that run before those of script, as if they were its first." },
  script: {
    description: "Commands, or mappings with run. One entry is one step in a shell of its own.",
  },
  after_script: {
    description: "Commands that run at the end, however those of script ended. They change no result.",
  },
  "before_script.run": { description: "The command of the step." },
  "before_script.name": { description: "Text that is shown for the step: 1 to 80 characters on one line." },
  "before_script.if": { description: "A condition that has to hold, or the step is skipped." },
  "before_script.allow_failure": {
    description: "Whether the job goes on when this step fails.",
    default: false,
  },
  "before_script.allow_failure.exit_codes": { description: "Exit codes with which the job goes on." },
  "before_script.dir": { description: "The folder it works in, relative to the project." },
  "before_script.variables": { description: "Environment variables of this step, above those of the job." },
  "before_script.timeout": {
    description: "Longest time this step may take: 90s, 10m, 1h30m or a number of seconds.",
  },
  "before_script.shell": { description: "What runs this step, in place of the shell of the job." },
  "script.run": { description: "The command of the step." },
  "script.name": { description: "Text that is shown for the step: 1 to 80 characters on one line." },
  "script.if": { description: "A condition that has to hold, or the step is skipped." },
  "script.allow_failure": {
    description: "Whether the job goes on when this step fails.",
    default: false,
  },
  "script.allow_failure.exit_codes": { description: "Exit codes with which the job goes on." },
  "script.dir": { description: "The folder it works in, relative to the project." },
  "script.variables": { description: "Environment variables of this step, above those of the job." },
  "script.timeout": {
    description: "Longest time this step may take: 90s, 10m, 1h30m or a number of seconds.",
  },
  "script.shell": { description: "What runs this step, in place of the shell of the job." },
  "after_script.run": { description: "The command of the step." },
  "after_script.name": { description: "Text that is shown for the step: 1 to 80 characters on one line." },
  "after_script.if": { description: "A condition that has to hold, or the step is skipped." },
  "after_script.allow_failure": {
    description: "Whether the job goes on when this step fails.",
    default: false,
  },
  "after_script.allow_failure.exit_codes": { description: "Exit codes with which the job goes on." },
  "after_script.dir": { description: "The folder it works in, relative to the project." },
  "after_script.variables": { description: "Environment variables of this step, above those of the job." },
  "after_script.timeout": {
    description: "Longest time this step may take: 90s, 10m, 1h30m or a number of seconds.",
  },
  "after_script.shell": { description: "What runs this step, in place of the shell of the job." },
  extends: { description: "A job to inherit from, or a list of them, the last one strongest." },
  needs: { description: "Jobs of the same or an earlier stage that have to end first." },
  "needs.job": {
    description: "The job that has to end first; the name of one with a matrix means all it makes.",
  },
  "needs.optional": {
    description: "Whether the workflow may be without this job; then it is not waited for.",
    default: false,
  },
  "needs.artifacts": {
    description: "Whether its artifacts are copied to this job, where the two do not share a workspace.",
    default: true,
  },
  "needs.matrix": {
    description:
      'Only the jobs of its matrix with these values, such as {NODE: "22"} or {NODE: ["22", "24"]}.',
  },
  matrix: {
    description:
      "Variables with lists of values: the job runs once for each combination of an entry, with an id such as unit-22-pg.",
  },
  image: { description: "The container image to run in. Without one the job runs on this machine." },
  "image.name": {
    description: "The image's name, such as node:24; for one that is built, the name it gets.",
  },
  "image.entrypoint": {
    description: "What starts in the container, with the shell that holds it open as its arguments.",
  },
  "image.user": { description: "Who steps run as. Without one, as the image says." },
  "image.platform": { description: "The kind of machine, such as linux/arm64. Without one, the engine's." },
  "image.pull_policy": { description: "When the image is pulled.", default: "if-not-present" },
  "image.build": { description: "How the image is built, before the job runs in it." },
  "image.build.context": { description: "The folder that the build sees.", default: "." },
  "image.build.dockerfile": { description: "The file that says how it is built.", default: "Dockerfile" },
  "image.build.args": { description: "Arguments of the build, by name." },
  "image.build.target": { description: "The stage of the Dockerfile to stop at. Without one, the last." },
  shell: {
    description:
      "What runs each step: sh (-e), bash (-e -o pipefail), or a program and its arguments, to which the step is added.",
    default: "sh",
  },
  carry: {
    description:
      "What each step leaves in its shell for the next one: cwd, the folder it ended in, and env, the variables it exported.",
    default: [],
  },
  variables: { description: "Environment variables. Values may name others as $NAME or ${NAME}." },
  secrets: { description: "References to secrets, by the variable they appear in. Values never stand here." },
  "secrets.ref": { description: "Where the secret is, such as env://NAME." },
  "secrets.file": {
    description: "Whether the variable holds the path of a file with the value, instead of the value itself.",
    default: true,
  },
  "secrets.required": {
    description: "Whether the job fails when there is no such secret.",
    default: true,
  },
  services: { description: "Containers that run beside the job: images by name, or mappings." },
  "services.name": { description: "The service's image, such as postgres:17." },
  "services.alias": { description: "The host name by which the job reaches it." },
  "services.variables": { description: "Environment variables of the service." },
  "services.command": { description: "What it runs, in place of the image's command." },
  "services.entrypoint": {
    description: "What it runs its command with, in place of the image's entrypoint.",
  },
  "services.healthcheck": { description: "How to tell that the service is ready." },
  "services.healthcheck.test": {
    description: "A command that succeeds once it is, or a list such as [CMD, pg_isready].",
  },
  "services.healthcheck.interval": { description: "Time between two checks: 2s, 1m or a number of seconds." },
  "services.healthcheck.timeout": {
    description: "Longest time a check may take: 2s, 1m or a number of seconds.",
  },
  "services.healthcheck.retries": {
    description: "Failed checks in a row after which it counts as not ready.",
  },
  "services.healthcheck.start_period": {
    description: "Time at the start in which failed checks do not count: 2s, 1m or a number of seconds.",
  },
  "services.healthcheck.start_interval": {
    description: "Time between two checks in start_period: 2s, 1m or a number of seconds.",
  },
  "services.healthcheck.disable": {
    description: "Disables the image's own check.",
    default: false,
  },
  "services.ready_timeout": {
    description: "Longest time until the service is ready: 90s, 2m or a number of seconds.",
  },
  cache: { description: "Files kept from run to run: one cache, or a list of named ones." },
  "cache.name": { description: "What the evidence calls the cache. Required in a list, each name once." },
  "cache.disabled": { description: "Leaves this cache out.", default: false },
  "cache.paths": { description: "Paths and globs inside the workspace that are kept." },
  "cache.key": {
    description:
      "What the content depends on: a string, or prefix, files and template. What is stored under a key never changes. Without one, the name of the job.",
  },
  "cache.key.prefix": { description: "Text before the key." },
  "cache.key.files": { description: "Files whose content makes the key, such as package-lock.json." },
  "cache.key.template": { description: "A string with variables, such as build-$head_sha." },
  "cache.fallback_keys": { description: "Keys to try in this order if nothing is stored under key." },
  "cache.policy": {
    description: "pull restores before the first step, push saves after the last one, pull-push does both.",
    default: "pull-push",
  },
  "cache.when": { description: `When it is saved: ${WHEN}`, default: "on_success" },
  artifacts: { description: "Files the job leaves behind, kept with the evidence of the run." },
  "artifacts.paths": { description: "Paths and globs inside the workspace." },
  "artifacts.exclude": { description: "Paths and globs to leave out." },
  "artifacts.when": { description: `When they are collected: ${WHEN}`, default: "on_success" },
  "artifacts.reports": {
    description: "Files that say what happened in the job, collected whatever its result is.",
  },
  "artifacts.reports.dotenv": {
    description: "A file of NAME=value lines: variables for the jobs that need this one.",
  },
  "artifacts.reports.junit": {
    description: "Paths and globs of JUnit XML: failed tests are part of the evidence, and of loom explain.",
  },
  runner_pool: { description: "Pool whose workers carry out the job; a run without an engine ignores it." },
  resource: {
    description:
      "What the job needs for itself: jobs that name the same one never run at the same time, across runs too.",
  },
  workspace: {
    description: "own: in a copy of the snapshot, with nothing from other jobs but their artifacts.",
    default: "shared",
  },
  gate: {
    description:
      "What the job waits for beside its needs. stages: all jobs of earlier stages. needs: nothing, so that it starts as soon as what it needs has ended, and no other failure keeps it from starting.",
    default: "stages",
  },
  invariant: { description: "Any mapping; carried along." },
  allow_failure: { description: "Whether the pipeline goes on when this job fails.", default: false },
  when: {
    description:
      "When the job runs, judged by what it waits for: on_success, on_failure or always. manual: only if somebody asks for it.",
    default: "on_success",
  },
  rules: {
    description:
      "Whether the job takes place, and how: the first entry that applies decides. When none does, the job is skipped.",
  },
  "rules.if": { description: 'A condition that has to hold, such as $CI_COMMIT_BRANCH == "main".' },
  "rules.changes": {
    description:
      "Paths and globs, of which one has to match a file that has changed since the base (--base).",
  },
  "rules.exists": { description: "Paths and globs, of which one has to match a file of the project." },
  "rules.when": {
    description: "When the job runs if this entry applies, in place of its own when. never: it does not.",
  },
  "rules.variables": { description: "Variables above those of the job, if this entry applies." },
  "rules.allow_failure": { description: "In place of that of the job, if this entry applies." },
  timeout: {
    description: "Longest time an attempt at the job may take: 90s, 10m, 1h30m or a number of seconds.",
  },
  retry: { description: "How often the job runs again after it failed: 0 to 10, or max and on.", default: 0 },
  "allow_failure.exit_codes": { description: "Exit codes of a step with which the pipeline goes on." },
  "rules.allow_failure.exit_codes": { description: "Exit codes of a step with which the pipeline goes on." },
  "retry.exit_codes": {
    description: "Exit codes of a step that count as well; without on, only these do.",
  },
  "retry.max": {
    description:
      "Further attempts after the first, 0 to 10. Up to two that follow a lost worker come on top, unless on names worker.",
  },
  "retry.on": {
    description:
      "What counts: failure of a step, timeout of the job, provider when it could not be set up, worker when what ran it was lost.",
    default: ["failure", "timeout", "provider"],
  },
};
