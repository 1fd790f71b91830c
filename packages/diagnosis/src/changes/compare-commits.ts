import type { Git } from "@loom/system";

/** Commits and files that are named; the rest is counted. */
const NAMED = 10;

/** What git says changed between the commits of two runs. */
export type CommitChanges =
  | { readonly status: "same"; readonly sha: string }
  | {
      readonly status: "changed";
      readonly from: string;
      readonly to: string;
      /** Commits that the later run had and the earlier one had not. */
      readonly commits: number;
      /** The newest of them. */
      readonly newest: readonly { readonly sha: string; readonly subject: string }[];
      readonly files: number;
      readonly insertions: number;
      readonly deletions: number;
      /** The files that changed most, most first. */
      readonly mostChanged: readonly string[];
      /** All of them, in the order of git. */
      readonly changed: readonly string[];
    }
  | { readonly status: "unknown"; readonly reason: string };

/** Compares the commits that two runs recorded. */
export async function compareCommits(
  from: string | undefined,
  to: string | undefined,
  git: Git | undefined,
): Promise<CommitChanges> {
  if (to === undefined) return unknown("this run recorded no commit");
  if (from === undefined) return unknown("the earlier run recorded no commit");
  // What is read from disk must not become an option of git.
  if (!isSha(from) || !isSha(to)) return unknown("what a run recorded as its commit is not the id of one");
  if (from === to) return { status: "same", sha: to };
  if (git === undefined) return unknown("git was not asked");
  const range = `${from}..${to}`;
  const [counted, named, numbers] = await Promise.all([
    git(["rev-list", "--count", range, "--"]),
    git(["log", "-n", String(NAMED), "--format=%h%x09%s", range, "--"]),
    git(["diff", "--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", from, to, "--"]),
  ]);
  if (!counted.ok) return unknown(counted.error);
  if (!named.ok) return unknown(named.error);
  if (!numbers.ok) return unknown(numbers.error);
  return {
    status: "changed",
    from,
    to,
    commits: Number(counted.value.trim()),
    newest: named.value
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const tab = line.indexOf("\t");
        return { sha: line.slice(0, tab), subject: line.slice(tab + 1) };
      }),
    ...readNumstat(numbers.value),
  };
}

function readNumstat(text: string): {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  readonly mostChanged: readonly string[];
  readonly changed: readonly string[];
} {
  const files = text
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => {
      const [added = "", removed = "", ...path] = entry.split("\t");
      // A binary file has dashes for numbers.
      return { path: path.join("\t"), insertions: Number(added) || 0, deletions: Number(removed) || 0 };
    });
  return {
    files: files.length,
    insertions: files.reduce((sum, file) => sum + file.insertions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    mostChanged: files
      .toSorted((a, b) => b.insertions + b.deletions - a.insertions - a.deletions)
      .slice(0, NAMED)
      .map((file) => file.path),
    changed: files.map((file) => file.path),
  };
}

function isSha(text: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(text);
}

function unknown(reason: string): CommitChanges {
  return { status: "unknown", reason };
}
