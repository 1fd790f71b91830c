import { rm } from "node:fs/promises";
import { join } from "node:path";
import { splitGitRecords } from "@loom/system";
import { rawPath } from "../raw-path.ts";
import { submoduleOfCommit } from "../workspace-warning.ts";
import type { SnapshotGit } from "./git.ts";
import type { Repository } from "./read-repository.ts";
import type { RepositorySnapshot } from "./snapshot-repository.ts";

/** Mode of a submodule in an index. */
const SUBMODULE = "160000";

/** None of the user's hooks run, and none of their templates are copied. */
const CONFIG = [
  ["core.hooksPath", "/dev/null"],
  ["init.templateDir", ""],
  ["advice.detachedHead", "false"],
] as const;

/**
 * Turns an empty folder into a clone of a repository at one commit, sharing its objects. The repository is only
 * read.
 *
 * Submodules stay empty, with a warning: only for the checkout is it known which of their commits are available.
 *
 * @param revision - A commit's full name.
 */
export async function checkOutCommit(
  git: SnapshotGit,
  repository: Repository,
  { target, revision }: { readonly target: string; readonly revision: string },
): Promise<RepositorySnapshot> {
  const clone = ["clone", "--quiet", "--shared", "--no-checkout", "--", repository.top, target];
  await git.run({ cwd: repository.top, config: CONFIG, args: clone });
  const here = async (...args: readonly string[]): Promise<string> =>
    (await git.run({ cwd: target, config: CONFIG, args })).toString("utf8");
  await here("checkout", "--quiet", "--detach", revision);
  const entries = splitGitRecords(await here("ls-files", "--stage", "-z"));
  const submodules = entries
    .filter((entry) => entry.startsWith(SUBMODULE))
    .map((entry) => entry.split("\t")[1] ?? "");
  // Committed evidence does not belong to this run.
  await rm(join(target, ".loom/.runtime"), { recursive: true, force: true });
  return {
    headSha: revision,
    commitMessage: (await here("log", "-1", "--format=%B")).trimEnd(),
    dirtyFiles: [],
    untrackedFiles: [],
    treeHash: (await here("rev-parse", "HEAD^{tree}")).trim(),
    clean: true,
    warnings: submodules.map((path) => submoduleOfCommit(rawPath(path))),
  };
}
