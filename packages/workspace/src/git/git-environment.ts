/** What ties git to one repository. Source: `git rev-parse --local-env-vars`, and what git sets for hooks. */
const REPOSITORY = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_CONFIG_PARAMETERS",
  "GIT_DIR",
  "GIT_GRAFT_FILE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_NAMESPACE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REFLOG_ACTION",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
]);

/** What of git's variables a snapshot is made with: where git and its configuration are, and nothing that changes what it does. */
const FOR_SNAPSHOTS =
  /^GIT_(EXEC_PATH|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/;

/**
 * An environment without the variables that tie git to one repository.
 *
 * git sets `GIT_DIR`, `GIT_INDEX_FILE` and more for its hooks and aliases. A
 * program started from there would work on that repository, whatever folder it
 * stands in; so would the jobs in a workspace.
 *
 * @returns A copy. Identity, transport and tracing stay as they are.
 */
export function withoutGitRepository(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !REPOSITORY.has(name)));
}

/** The environment in which a snapshot calls git. Messages are English, because they are looked into. */
export function snapshotGitEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("GIT_") || FOR_SNAPSHOTS.test(name));
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
}
