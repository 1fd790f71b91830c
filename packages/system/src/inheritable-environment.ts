/** An environment by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What ties a process to one repository of git: set for hooks and aliases, so
 * that a git started from there works on that repository wherever it stands.
 *
 * Source: `git rev-parse --local-env-vars`; the last three are set for hooks.
 */
const REPOSITORY_VARIABLES = [
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_CONFIG",
  "GIT_CONFIG_PARAMETERS",
  "GIT_CONFIG_COUNT",
  "GIT_OBJECT_DIRECTORY",
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_GRAFT_FILE",
  "GIT_INDEX_FILE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_REPLACE_REF_BASE",
  "GIT_PREFIX",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_SHALLOW_FILE",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_QUARANTINE_PATH",
  "GIT_REFLOG_ACTION",
] as const;

/**
 * What ties a `make` to the one that started it: its options, the variables
 * of its command line, and a job server that is out of reach.
 *
 * Source: GNU make manual, 5.7 and 13.1.
 */
const MAKE_VARIABLES = ["MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "GNUMAKEFLAGS"] as const;

const DROPPED: ReadonlySet<string> = new Set([...REPOSITORY_VARIABLES, ...MAKE_VARIABLES]);

/**
 * What of git's variables says where git and its configuration are, and does not change what it does: a caller gives
 * `safe.directory` in this way.
 */
const KEPT_OF_GIT =
  /^GIT_(EXEC_PATH|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM)$/;

/**
 * The environment for a call of git by Loom itself.
 *
 * @returns A copy without what ties a process to one repository or `make`, or makes git trace, ask or act in another way.
 */
export function gitEnvironment(env: Environment): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(([name]) =>
    name.startsWith("GIT_") ? KEPT_OF_GIT.test(name) : !DROPPED.has(name),
  );
  return Object.fromEntries(kept);
}

/**
 * What a step may inherit of the environment that Loom was
 * started in: a run gives the same result at a prompt, in a git hook and below
 * a `make`.
 *
 * @returns A copy without the variables that tie a process to one repository or to one `make`.
 */
export function inheritableEnvironment(env: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !DROPPED.has(name)));
}
