import { spawn, type ChildProcess } from "node:child_process";
import { gitEnvironment, type Environment } from "./inheritable-environment.ts";

/** One call of git. */
export interface GitCall {
  readonly cwd: string;
  readonly args: readonly string[];
  /** The environment of the caller: its PATH above all. What ties git to another repository is left out. */
  readonly env: Environment;
  /** Variables for this call, as they are. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** Configuration for this call, stronger than every file. */
  readonly config?: readonly (readonly [key: string, value: string])[] | undefined;
  readonly input?: Buffer | undefined;
  /** Program that is git, looked up in PATH. Default: `git`. */
  readonly program?: string | undefined;
  /** Aborting it ends the call. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the call is abandoned. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** How much it may print, in bytes. Default: anything. */
  readonly maxBytes?: number | undefined;
}

/** How a call ended. */
export type GitEnd =
  /** `exitCode` is `undefined` when a signal from elsewhere ended it. */
  | {
      readonly kind: "ended";
      readonly exitCode: number | undefined;
      readonly stdout: Buffer;
      readonly stderr: string;
    }
  | { readonly kind: "not_started"; readonly error: unknown }
  /** The caller aborted it. */
  | { readonly kind: "stopped" }
  | { readonly kind: "timed_out" }
  | { readonly kind: "printed_too_much" };

/**
 * Said with every call: nothing here starts housekeeping, or runs a command
 * that somebody configured. An empty `core.fsmonitor` means none to every
 * version; "false" once named a program.
 */
const QUIET = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", ""],
  ["core.splitIndex", "false"],
  ["core.preloadIndex", "true"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["submodule.recurse", "false"],
  ["log.showSignature", "false"],
] as const;

/** Never asks, takes no lock that it can do without, and speaks English: what it says is looked into. */
const VARIABLES = { GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };

/** Calls git so that it changes only what it is asked to. */
export function runGit(call: GitCall): Promise<GitEnd> {
  const { signal, timeoutMs, maxBytes = Infinity } = call;
  if (signal?.aborted === true) return Promise.resolve({ kind: "stopped" });
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = spawn(call.program ?? "git", ["--no-pager", ...call.args], {
        cwd: call.cwd,
        env: environmentOf(call),
        stdio: "pipe",
      });
    } catch (error) {
      resolve({ kind: "not_started", error });
      return;
    }
    let cut: GitEnd | undefined;
    const giveUp = (why: GitEnd, by: "SIGTERM" | "SIGKILL"): void => {
      cut ??= why;
      child.kill(by);
      // What git started may hold the pipes for longer.
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    const stop = (): void => giveUp({ kind: "stopped" }, "SIGTERM");
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => giveUp({ kind: "timed_out" }, "SIGKILL"), timeoutMs);
    const finish = (end: GitEnd): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve(end);
    };
    signal?.addEventListener("abort", stop, { once: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let printed = 0;
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.length;
      if (printed > maxBytes) giveUp({ kind: "printed_too_much" }, "SIGKILL");
      else stdout.push(chunk);
    });
    child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    // A git that ends before it has read everything says why by its exit code.
    child.stdin?.on("error", () => {});
    child.stdin?.end(call.input);
    child.on("error", (error) => {
      if (child.pid === undefined) finish(cut ?? { kind: "not_started", error });
    });
    child.on("close", (exitCode) => {
      const said = { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8").trim() };
      finish(cut ?? { kind: "ended", exitCode: exitCode ?? undefined, ...said });
    });
  });
}

function environmentOf(call: GitCall): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {
    ...gitEnvironment(call.env),
    ...VARIABLES,
    ...call.variables,
  };
  const given = Number(env["GIT_CONFIG_COUNT"] ?? 0);
  let count = Number.isInteger(given) && given > 0 ? given : 0;
  for (const [key, value] of [...QUIET, ...(call.config ?? [])]) {
    env[`GIT_CONFIG_KEY_${count}`] = key;
    env[`GIT_CONFIG_VALUE_${count}`] = value;
    count += 1;
  }
  env["GIT_CONFIG_COUNT"] = String(count);
  return env;
}
