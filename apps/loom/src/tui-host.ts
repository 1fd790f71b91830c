import { spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { Tui, TuiHost } from "@loom/cli";
import { createPalette, type Look, type Palette } from "@loom/reporters";
import type { JobId } from "@loom/core";
import { isRunAlive } from "@loom/artifacts";

/** What the screen asks of this process: an editor beside it, and to be stopped and continued. */
export function createTuiHost(env: Readonly<Record<string, string | undefined>>): TuiHost {
  return {
    openFile: (path, line) => openFile(env, path, line),
    isAlive: isRunAlive,
    copy: async (text) => {
      const { toClipboard } = await import("./to-clipboard.ts");
      return await toClipboard(env, text);
    },
    cancel: async (directory, job) => {
      const { requestAction } = await import("@loom/runner/live");
      const refused = await requestAction(
        directory,
        job === undefined ? { request: "cancel" } : { request: "cancel_job", job_id: job },
      );
      return refused?.message;
    },
    play: async (directory, job) => {
      const { requestAction } = await import("@loom/runner/live");
      return (await requestAction(directory, { request: "play", job_id: job }))?.message;
    },
    resume: async (directory, job, how) => {
      const { requestAction } = await import("@loom/runner/live");
      return (await requestAction(directory, { request: how, job_id: job }))?.message;
    },
    openShell: async (directory, job) => await openShell(env, directory, job),
    changes: async (run) => {
      // For a failure that somebody looks at: a run loads it only then.
      const { changesOptions } = await import("./changes-options.ts");
      return await changesOptions(run, env);
    },
    suspend: async () => {
      const continued = once(process, "SIGCONT");
      // The whole group, so that the shell sees its job stopped. SIGTSTP would also be handled here, and may come late.
      process.kill(0, "SIGSTOP");
      await continued;
    },
  };
}

/** The colours of a screen: where none are wanted, what is selected still stands out, reversed. */
export function screenPalette({ palette }: Look): Palette {
  return createPalette(palette === "none" ? "mono" : palette);
}

/** What has the terminal. */
type OnScreen = Pick<Tui, "close" | "suspend">;

/**
 * Gives the terminal back on every way out of the process, and when it is
 * stopped from outside.
 *
 * SIGQUIT ends the process as it would without a screen. The other signals that
 * end one are the business of a run, which closes first.
 *
 * @returns Ends that.
 */
export function guardTerminal(screen: () => OnScreen | undefined): () => void {
  return guard(screen, ["SIGQUIT"]);
}

/** The same where no run has to be closed: all signals that end a process give the terminal back, and end it. */
export function guardWholly(screen: OnScreen): () => void {
  return guard(() => screen, ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);
}

function guard(screen: () => OnScreen | undefined, deadly: readonly NodeJS.Signals[]): () => void {
  const restore = (): void => screen()?.close();
  const stop = (): void => void screen()?.suspend();
  const end = (signal: NodeJS.Signals): void => {
    restore();
    for (const name of deadly) process.off(name, end);
    process.kill(process.pid, signal);
  };
  process.on("exit", restore);
  process.on("uncaughtExceptionMonitor", restore);
  process.on("SIGTSTP", stop);
  for (const name of deadly) process.on(name, end);
  return () => {
    process.off("exit", restore);
    process.off("uncaughtExceptionMonitor", restore);
    process.off("SIGTSTP", stop);
    for (const name of deadly) process.off(name, end);
  };
}

async function openFile(
  env: Readonly<Record<string, string | undefined>>,
  path: string,
  line: number,
): Promise<string | undefined> {
  const [program = "less", ...args] = commandOf(env);
  const place = /(?:^|\/)(?:less|more|vim?|nvim|nano|emacs|kak|micro|helix|hx)$/u.test(program)
    ? [`+${line}`]
    : [];
  try {
    await onTerminal([program, ...args, ...place, path]);
    return undefined;
  } catch (cause) {
    return `Cannot open "${path}" with "${program}": ${messageOf(cause)}`;
  }
}

/** Opens a shell in the place of a job that is held, and says where that is. @returns What went wrong. */
async function openShell(
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
  job: JobId,
): Promise<string | undefined> {
  const { shellOfJob } = await import("@loom/runner/live");
  const shell = await shellOfJob(directory, { jobId: job, isTerminal: true });
  if (!shell.ok) return shell.error.message;
  const { command, cwd, env: variables } = shell.value;
  const { TERM: term } = env;
  process.stdout.write(`loom: where job "${job}" works: ${cwd}. Leave with exit; then r retries the step\n`);
  try {
    const code = await onTerminal(command, {
      cwd,
      env: { ...variables, ...(term !== undefined && { TERM: term }) },
    });
    // What a client of a container engine said of it is below the screen by now.
    return NOT_STARTED.has(code) ? `The shell ended with exit ${code}: it may not have started` : undefined;
  } catch (cause) {
    return `Cannot start "${command[0]}": ${messageOf(cause)}`;
  }
}

/** What `docker exec`, `podman exec` and shells end with where a program cannot be started. */
const NOT_STARTED: ReadonlySet<number> = new Set([125, 126, 127]);

/**
 * Runs a program that has the terminal until it ends. Rejects if it cannot be started.
 *
 * @returns Its exit code; 1 if a signal ended it.
 */
async function onTerminal(
  [program, ...args]: readonly [string, ...string[]],
  options: Pick<SpawnOptions, "cwd" | "env"> = {},
): Promise<number> {
  const child = spawn(program, args, { ...options, stdio: "inherit" });
  const takeBack = leaveToChild(["SIGINT", "SIGQUIT"]);
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 1;
  } finally {
    takeBack();
    // Only what is in the foreground is told of a new size, and a shell puts itself there.
    process.kill(process.pid, "SIGWINCH");
    // Signals arrive between two turns.
    await setImmediate();
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * Has signals do nothing here: the terminal sends them to its whole foreground group, and what has the terminal is
 * meant.
 *
 * @returns Ends that.
 */
function leaveToChild(signals: readonly NodeJS.Signals[]): () => void {
  const before = signals.map((signal) => ({ signal, listeners: process.listeners(signal) }));
  const ignore = (): void => undefined;
  for (const { signal, listeners } of before) {
    // First, so that the signal never has its default meaning, which ends the process.
    process.on(signal, ignore);
    for (const listener of listeners) process.off(signal, listener);
  }
  return () => {
    for (const { signal, listeners } of before) {
      for (const listener of listeners) process.on(signal, listener);
      process.off(signal, ignore);
    }
  };
}

/** What the person set for it; the first one that says something counts. */
function commandOf(env: Readonly<Record<string, string | undefined>>): string[] {
  for (const name of ["VISUAL", "EDITOR", "PAGER"]) {
    const words = (env[name] ?? "").split(/\s+/u).filter((word) => word !== "");
    if (words.length > 0) return words;
  }
  return ["less", "-R"];
}
