import { relative } from "node:path";
import { runGit, splitGitRecords, type Environment } from "@loom/system";

/** A git that waits for a file system must not hang a watch. Unit: milliseconds. */
const GIT_TIMEOUT_MS = 60_000;

/**
 * Asks git which of some paths it ignores. What is tracked is never ignored.
 *
 * @param repository - Top of the work tree that has them. Absolute.
 * @param paths - Absolute, in no repository within that one. They need not exist.
 * @returns `undefined` when git does not answer.
 */
export async function ignoredPaths(
  repository: string,
  paths: readonly string[],
  env: Environment,
): Promise<ReadonlySet<string> | undefined> {
  if (paths.length === 0) return new Set();
  // Without the prefix, a name that begins with a colon would be more than a name.
  const byName = new Map(paths.map((path) => [`./${relative(repository, path)}`, path]));
  const end = await runGit({
    cwd: repository,
    args: ["check-ignore", "--stdin", "-z"],
    env,
    input: Buffer.from([...byName.keys()].map((name) => `${name}\0`).join("")),
    timeoutMs: GIT_TIMEOUT_MS,
  });
  // 1: none of them.
  if (end.kind !== "ended" || (end.exitCode !== 0 && end.exitCode !== 1)) return undefined;
  const names = splitGitRecords(end.stdout.toString("utf8"));
  return new Set(names.flatMap((name) => byName.get(name) ?? []));
}
