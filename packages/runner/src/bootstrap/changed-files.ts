import { err, ok, type EventError, type Result } from "@loom/core";
import { createGit, type Environment } from "@loom/system";
import type { GitFacts } from "./git-facts.ts";

/** What a project's files are compared with. */
export interface ChangesBase {
  /** As it was asked for, or `the upstream branch`, or `the previous commit`. */
  readonly name: string;
  /** Full name of the commit that both have in common. */
  readonly sha: string;
}

/** The files that have changed. */
export interface ChangedFiles {
  /** Absent where there is nothing to compare with, so that every file counts as changed. */
  readonly base?: ChangesBase;
  /** Relative to the top of the work tree; of files that git does not know, those of the project. Absent: all. */
  readonly paths?: readonly string[];
}

/** Git answers from its index and its objects; more than this, and something is wrong. Milliseconds. */
const GIT_TIMEOUT_MS = 60_000;

/** What is compared with unless `--base` says something else, the first that there is. Source: gitrevisions(7). */
const USUAL_BASES = [
  ["@{upstream}", "the upstream branch"],
  ["HEAD^", "the previous commit"],
] as const;

const UNTRACKED = ["ls-files", "--others", "--exclude-standard", "--full-name", "-z"];

/**
 * The files that differ from a base: in commits since what both have in common, in the checkout, and new ones.
 *
 * @param folder - Absolute path of the project.
 * @param base - A commit, by any of its names. Default: the upstream branch, else the previous commit.
 * @returns `base_not_found` when there is no such commit, or nothing in common with it.
 */
export async function changedFiles(
  folder: string,
  git: Pick<GitFacts, "headSha" | "dirtyFiles" | "untrackedFiles"> | undefined,
  {
    base,
    env,
    stop,
  }: { readonly base: string | undefined; readonly env: Environment; readonly stop: AbortSignal },
): Promise<Result<ChangedFiles, EventError>> {
  if (git === undefined) {
    if (base === undefined) return ok({});
    return err(notFound(base, "the project is in no repository with a commit"));
  }
  const ask = createGit(folder, { env, signal: stop, timeoutMs: GIT_TIMEOUT_MS });
  const candidates = base === undefined ? USUAL_BASES : ([[base, base]] as const);
  for (const [revision, name] of candidates) {
    // What begins with a dash would be an option.
    const common = await ask(["merge-base", "--end-of-options", revision, git.headSha]);
    if (!common.ok) {
      if (base !== undefined)
        return err(notFound(base, "git finds no such commit, or nothing in common with it"));
      continue;
    }
    const sha = common.value.trim();
    const listed = await ask([
      "diff",
      "--name-only",
      "--no-renames",
      "--no-ext-diff",
      "-z",
      sha,
      git.headSha,
      "--",
    ]);
    if (!listed.ok)
      return err({ code: "git_refused", message: `Cannot compare with ${name}: ${listed.error}` });
    const added = git.untrackedFiles.length === 0 ? ok("") : await ask(UNTRACKED);
    if (!added.ok) return err({ code: "git_refused", message: `Cannot list new files: ${added.error}` });
    const paths = [listed.value, added.value]
      .flatMap((text) => text.split("\0"))
      .filter((path) => path !== "");
    return ok({ base: { name, sha }, paths: [...new Set([...paths, ...git.dirtyFiles])] });
  }
  return ok({});
}

function notFound(base: string, why: string): EventError {
  return { code: "base_not_found", message: `Cannot compare with "${base}": ${why}` };
}
