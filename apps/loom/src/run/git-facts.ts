import { execFile } from "node:child_process";
import { findRepository } from "../find-workflow.ts";

/** What git says of the checkout that a run works in. */
export interface GitFacts {
  /** Full sha of HEAD. */
  readonly headSha: string;
  /** Absent when HEAD is detached. */
  readonly branch?: string;
  /** Message of the commit at HEAD, without trailing newlines. */
  readonly message: string;
  /** Tracked files that differ from HEAD, relative to the top of the work tree. */
  readonly dirtyFiles: readonly string[];
}

/**
 * Asks git about a folder.
 *
 * @returns `undefined` where there is no repository, no commit or no git: a run does not need one.
 */
export async function readGitFacts(folder: string): Promise<GitFacts | undefined> {
  if (findRepository(folder) === undefined) return undefined;
  const [log, status] = await Promise.all([
    git(folder, ["log", "-1", "--format=%H%n%B"]),
    git(folder, ["status", "--porcelain=v2", "--branch", "--untracked-files=no", "-z"]),
  ]);
  if (log === undefined || status === undefined) return undefined;
  const [headSha = "", ...message] = log.split("\n");
  const { branch, dirtyFiles } = parseStatus(status);
  return {
    headSha,
    message: message.join("\n").trimEnd(),
    dirtyFiles,
    ...(branch !== undefined && { branch }),
  };
}

/** Reads `git status --porcelain=v2 --branch -z`. */
export function parseStatus(status: string): { branch?: string; dirtyFiles: string[] } {
  const dirtyFiles: string[] = [];
  let branch: string | undefined;
  const entries = status.split("\0");
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i] ?? "";
    if (entry.startsWith("# branch.head ")) branch = entry.slice("# branch.head ".length);
    // Ordinary entries have 8 fields before the path, renames 9 and a second entry for the old path, unmerged ones 10.
    const fields = { "1": 8, "2": 9, u: 10 }[entry[0] ?? ""];
    if (fields === undefined) continue;
    dirtyFiles.push(entry.split(" ").slice(fields).join(" "));
    if (entry.startsWith("2")) i += 1;
  }
  return { dirtyFiles, ...(branch !== undefined && branch !== "(detached)" && { branch }) };
}

function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("git", args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}
