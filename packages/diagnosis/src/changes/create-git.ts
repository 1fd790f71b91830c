import { execFile } from "node:child_process";
import { err, ok, type Result } from "@loom/core";

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
  /** The environment of git: its PATH above all. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const TIMEOUT_MS = 2000;

/** A difference with more to say than this is too large to be told. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Never asks, never fetches, never takes a lock, and speaks English. */
const QUIET = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", LC_ALL: "C" };

/**
 * Makes a {@link Git} for a folder. Each call is one child process that reads
 * only, and is ended when it takes too long.
 */
export function createGit(folder: string, options: GitOptions): Git {
  const { timeoutMs = TIMEOUT_MS, env } = options;
  return (args) =>
    new Promise((resolve) => {
      const settings = {
        cwd: folder,
        env: { ...env, ...QUIET },
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
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "the difference is too large";
  if (error.killed === true) return `git took longer than ${call.timeoutMs} ms`;
  const [first = ""] = call.stderr.split("\n");
  return first === "" ? (error.message.split("\n", 1)[0] ?? "") : first.replace(/^(?:fatal|error): /, "");
}
