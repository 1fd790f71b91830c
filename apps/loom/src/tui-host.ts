import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Tui, TuiHost } from "@loom/cli";
import { createPalette, type Look, type Palette } from "@loom/reporters";
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
  const child = spawn(program, [...args, ...place, path], { stdio: "inherit" });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(`Cannot open "${path}" with "${program}": ${error.message}`));
    child.on("exit", () => resolve(undefined));
  });
}

/** What the person set for it; the first one that says something counts. */
function commandOf(env: Readonly<Record<string, string | undefined>>): string[] {
  for (const name of ["VISUAL", "EDITOR", "PAGER"]) {
    const words = (env[name] ?? "").split(/\s+/u).filter((word) => word !== "");
    if (words.length > 0) return words;
  }
  return ["less", "-R"];
}
