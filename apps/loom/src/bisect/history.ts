import { err, ok, type Result } from "@loom/core";
import type { Git } from "@loom/system";
import type { Commit } from "./search.ts";

/** What a person calls a commit by. */
export interface ShownCommit {
  readonly sha: string;
  readonly subject: string;
  readonly author: string;
  /** RFC 3339, with the author's offset. */
  readonly date: string;
}

/** Between fields of a commit: no subject or name has it. */
const FIELD = "\u001F";

/** The full name of a commit; an error for people when there is none. */
export async function resolveCommit(git: Git, revision: string): Promise<Result<string, string>> {
  const found = await git(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
  return found.ok ? ok(found.value.trim()) : err(`there is no commit "${revision}"`);
}

/** What the bad commit has and the good one does not, children before parents; the first is the bad one. */
export async function commitsBetween(
  git: Git,
  good: string,
  bad: string,
): Promise<Result<readonly Commit[], string>> {
  const listed = await git(["rev-list", "--topo-order", "--parents", bad, `^${good}`, "--"]);
  if (!listed.ok) return listed;
  const lines = listed.value.split("\n").filter((line) => line !== "");
  return ok(
    lines.map((line): Commit => {
      const [sha = "", ...parents] = line.split(" ");
      return { sha, parents };
    }),
  );
}

/** What is said of a commit. */
export async function shownCommit(git: Git, sha: string): Promise<ShownCommit> {
  const shown = await git(["show", "--no-patch", `--format=%s${FIELD}%an <%ae>${FIELD}%aI`, sha, "--"]);
  const [subject = "", author = "", date = ""] = shown.ok ? shown.value.trim().split(FIELD) : [];
  return { sha, subject, author, date };
}

/** Which files a commit changed, as git draws it; empty when git does not say. */
export async function diffStat(git: Git, sha: string): Promise<readonly string[]> {
  const shown = await git(["show", "--stat", "--format=", "--no-color", sha, "--"]);
  return shown.ok
    ? shown.value
        .trimEnd()
        .split("\n")
        .filter((line) => line !== "")
    : [];
}
