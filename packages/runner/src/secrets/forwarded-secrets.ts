import type { GraphNode } from "@loom/core";
import type { ForwardedSecrets } from "@loom/remote";
import type { Environment } from "@loom/system";

/** How references to variables begin. */
const SCHEME = "env://";

/**
 * What `env://` means in the secrets of a job, for a machine with another environment.
 *
 * @returns Only the variables that the job names, and that are set; `undefined` where it names none.
 */
export function forwardedSecrets(
  { secrets = [] }: Pick<GraphNode, "secrets">,
  env: Environment,
): ForwardedSecrets | undefined {
  const names = secrets
    .filter(({ ref }) => ref.startsWith(SCHEME))
    .map(({ ref }) => ref.slice(SCHEME.length));
  if (names.length === 0) return undefined;
  const set = names.flatMap((name) => {
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(set);
}
