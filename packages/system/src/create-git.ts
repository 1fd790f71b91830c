import { execFile } from "node:child_process";
import { err, ok, type Result } from "@loom/core";
import { inheritableEnvironment, type Environment } from "./inheritable-environment.ts";

/**
 * Asks git about a repository.
 *
 * @returns What it printed, or why it did not answer, for people.
 */
export type Git = (args: readonly string[]) => Promise<Result<string, string>>;

/** How git is called. */
export interface GitOptions {
  /** Milliseconds after which a call is given up. Default: 2000. */
  readonly timeoutMs?: number;
  /** The environment of git: its PATH above all. What ties git to another repository is left out. */
  readonly env: Environment;
  /** Aborting it ends what runs. */
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 2000;

/** Longest answer that is read. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Never asks, never fetches, never takes a lock, and speaks English. */
const QUIET = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", LC_ALL: "C" };

/**
 * Makes a {@link Git} for a folder. Each call is one child process that reads
 * only, and is ended when it takes too long.
 */
export function createGit(folder: string, options: GitOptions): Git {
  const { timeoutMs = TIMEOUT_MS, env, signal } = options;
  return (args) =>
    new Promise((resolve) => {
      const settings = {
        cwd: folder,
        env: { ...inheritableEnvironment(env), ...QUIET },
        ...(signal !== undefined && { signal }),
        timeout: timeoutMs,
        killSignal: "SIGKILL" as const,
        maxBuffer: MAX_BYTES,
      };
      execFile("git", ["--no-pager", ...args], settings, (error, stdout, stderr) => {
        if (error === null) resolve(ok(stdout));
        else resolve(err(reasonOf(error, { stderr, timeoutMs })));
      });
    });
}

function reasonOf(
  error: { readonly code?: unknown; readonly killed?: boolean | undefined; readonly message: string },
  call: { readonly stderr: string; readonly timeoutMs: number },
): string {
  if (error.code === "ENOENT") return "git is not installed, or the folder is gone";
  if (error.code === "ABORT_ERR") return "git was stopped";
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "git printed too much";
  if (error.killed === true) return `git took longer than ${call.timeoutMs / 1000} s`;
  const [first = ""] = call.stderr.split("\n");
  return first === "" ? (error.message.split("\n", 1)[0] ?? "") : first.replace(/^(?:fatal|error): /, "");
}
