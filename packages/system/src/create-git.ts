import { err, ok, unreachable, type Result } from "@loom/core";
import type { Environment } from "./inheritable-environment.ts";
import { runGit, type GitEnd } from "./run-git.ts";
import { errnoCode, systemErrorReason } from "./system-error.ts";

/**
 * Asks git about a repository.
 *
 * @returns What it printed, or why it did not answer, for people.
 */
export type Git = (args: readonly string[]) => Promise<Result<string, string>>;

/** How git is called. */
export interface GitOptions {
  /** Milliseconds after which a call is abandoned. Default: 2000. */
  readonly timeoutMs?: number | undefined;
  /** The environment of git: its PATH above all. What ties git to another repository is left out. */
  readonly env: Environment;
  /** Aborting it ends what runs. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 2000;

/** Longest answer that is read. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Makes a {@link Git} for a folder. Each call is one child process that reads
 * only, and is ended when it takes too long.
 */
export function createGit(folder: string, options: GitOptions): Git {
  const { timeoutMs = TIMEOUT_MS, env, signal } = options;
  const call = { cwd: folder, env, signal, timeoutMs, maxBytes: MAX_BYTES, variables: READING };
  return async (args) => {
    const end = await runGit({ ...call, args });
    if (end.kind === "ended" && end.exitCode === 0) return ok(end.stdout.toString("utf8"));
    return err(reasonOf(end, timeoutMs));
  };
}

/** A reader does not fetch what a partial clone left out. */
const READING = { GIT_NO_LAZY_FETCH: "1" };

function reasonOf(end: GitEnd, timeoutMs: number): string {
  switch (end.kind) {
    case "not_started":
      return errnoCode(end.error) === "ENOENT"
        ? "git is not installed, or the folder is gone"
        : systemErrorReason(end.error);
    case "stopped":
      return "git was stopped";
    case "timed_out":
      return `git took longer than ${timeoutMs / 1000} s`;
    case "printed_too_much":
      return "git printed too much";
    case "ended": {
      const [first = ""] = end.stderr.split("\n");
      if (first !== "") return first.replace(/^(?:fatal|error): /, "");
      return end.exitCode === undefined ? "git was killed" : `git ended with code ${end.exitCode}`;
    }
    default:
      return unreachable(end);
  }
}
