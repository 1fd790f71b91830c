import { spawn } from "node:child_process";
import { Socket } from "node:net";
import type { Environment } from "@loom/system";

/** Notices when this program is gone. */
export interface DeathWatch {
  /** This program ends normally: there is nothing to do after it. */
  release(): void;
}

/** What the command may need to find what is left: folders, and the container engine. */
const PASSED_ON = [
  "HOME",
  "TMPDIR",
  "XDG_CACHE_HOME",
  "XDG_RUNTIME_DIR",
  "DOCKER_CONFIG",
  "DOCKER_CONTEXT",
  "DOCKER_HOST",
];

/** How a watch is set up. */
export interface DeathWatchOptions {
  /** What to run when this program ends without `release`: an absolute path and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** Where `sh` is looked for. */
  readonly path: string | undefined;
  /** From here the command gets the variables that lead to the user's folders and to the container engine. */
  readonly env: Environment;
}

/**
 * Has a command run when this program ends without saying so, by SIGKILL for
 * example, where no code of its own can.
 *
 * A shell waits on a pipe that only this program holds: its end is the end of
 * the program, and until then nothing happens, so watching costs one sleeping
 * process. The command runs in a session of its own, with an environment that
 * has nothing else of the run: no sweep for the processes of a run takes it for one.
 *
 * @returns `undefined` when no shell can be started.
 */
export function startDeathWatch({
  command,
  path = "/usr/bin:/bin",
  env,
}: DeathWatchOptions): DeathWatch | undefined {
  const words = Object.fromEntries(command.map((word, index) => [`W${index}`, word]));
  const line = Object.keys(words).map((name) => `"$${name}"`);
  const passedOn = Object.fromEntries(PASSED_ON.map((name) => [name, env[name]]));
  try {
    // The arguments come through the environment: killing by command line must not hit the watch as well.
    const watch = spawn("sh", ["-c", `read -r word || exec ${line.join(" ")}`], {
      env: { PATH: path, ...words, ...passedOn },
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      cwd: "/",
    });
    // A watch that cannot be started, or was itself killed, is not a reason to fail.
    watch.on("error", () => undefined);
    watch.stdin.on("error", () => undefined);
    watch.unref();
    if (watch.stdin instanceof Socket) watch.stdin.unref();
    // At once: one that is still there when its loom has gone looks like something that a job left.
    return { release: () => void watch.kill("SIGKILL") };
  } catch {
    return undefined;
  }
}
