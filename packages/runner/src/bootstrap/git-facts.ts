import { ok, err, type Result } from "@loom/core";
import { createGit, parseGitStatus, type Environment } from "@loom/system";
import { findRepository } from "../workflow/find-workflow.ts";

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
  /** Files that git does not know and does not ignore, relative to the top of the work tree; a new folder is one entry. */
  readonly untrackedFiles: readonly string[];
}

/** How git is asked. */
export interface GitQuestion {
  readonly env: Environment;
  /** Aborting it ends the asking. */
  readonly stop: AbortSignal;
}

/**
 * How long git may take over a question.
 *
 * Unit: milliseconds. A status of a very large checkout on a cold disk takes
 * seconds; a git that waits for a file system or a hook must not hang a run.
 */
const GIT_TIMEOUT_MS = 60_000;

/**
 * Asks git about a folder.
 *
 * @returns `undefined` where there is no repository, or one without a commit: a
 *   run does not need one. An error, as a clause, where git did not answer: it
 *   refuses the repository, is not installed, or found it damaged.
 */
export async function readGitFacts(
  folder: string,
  { env, stop }: GitQuestion,
): Promise<Result<GitFacts | undefined, string>> {
  if (findRepository(folder) === undefined) return ok(undefined);
  const git = createGit(folder, { env, signal: stop, timeoutMs: GIT_TIMEOUT_MS });
  const [status, log] = await Promise.all([
    git(["status", "--porcelain=v2", "--branch", "--untracked-files=normal", "-z"]),
    git(["log", "-1", "--format=%H%n%B"]),
  ]);
  if (!status.ok) return err(status.error);
  const { branch, changed, untracked, nested, headSha: commit } = parseGitStatus(status.value);
  if (commit === undefined) return ok(undefined);
  if (!log.ok) return err(log.error);
  const [headSha = "", ...message] = log.value.split("\n");
  return ok({
    headSha,
    message: message.join("\n").trimEnd(),
    dirtyFiles: changed.map(({ path }) => path),
    untrackedFiles: [...untracked, ...nested.map((folder) => `${folder}/`)].toSorted(),
    ...(branch !== undefined && { branch }),
  });
}

/**
 * How much of a commit message reaches variables. Unit: bytes.
 *
 * Source: Linux gives one variable 128 KiB (MAX_ARG_STRLEN), and a step's
 * environment needs room for more than one.
 */
const MESSAGE_BYTES = 64 * 1024;

/** The beginning of a commit message, cut between characters. */
export function shortMessage(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= MESSAGE_BYTES) return message;
  let end = MESSAGE_BYTES;
  // The second and later bytes of a character begin with the bits 10.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}

/** Whether a variable is one that git alone knows. */
export function isOfCommit(name: string): boolean {
  return name.startsWith("CI_COMMIT_");
}
