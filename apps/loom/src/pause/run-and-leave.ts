import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { EXIT_CODE } from "../exit-code.ts";
import { handleSignals } from "../handle-signals.ts";
import { loomProgram } from "../loom-program.ts";
import type { ProcessIo } from "../process-io.ts";
import type { HeldMessage } from "./tell-parent.ts";

/** The variable by which a run knows that it is to say when only held jobs are left. It goes no further. */
const TELLS_WHEN_HELD = "LOOM_TELLS_WHEN_HELD";

/**
 * Runs the workflow in a process of its own, and leaves it to itself once nothing goes on but jobs that are held.
 *
 * @returns 77 then; else what the run ended with.
 */
export async function runAndLeave(io: ProcessIo): Promise<number> {
  const { stdout, stderr, env } = io;
  const [program = "", ...args] = loomProgram() ?? [];
  const words = process.argv.slice(2).filter((word) => word !== "--pause-exit");
  const colors = stdout.isTTY === true && !words.some((word) => word.startsWith("--color"));
  const child = spawn(
    program,
    [...args, ...words, "--pause-on-failure", "--no-tui", ...(colors ? ["--color", "always"] : [])],
    {
      cwd: io.cwd,
      env: { ...env, [TELLS_WHEN_HELD]: "1" },
      // It has its own session: what ends this program, or its terminal, does not end the run.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  child.stdout?.on("data", (bytes: Buffer) => stdout.write(bytes));
  child.stderr?.on("data", (bytes: Buffer) => process.stderr.write(bytes));
  const signals = handleSignals(env);
  signals.attach({
    stop: (signal) => void child.kill(signal),
    kill: () => void child.kill("SIGINT"),
  });
  try {
    const held = once(child, "message").then(([message]) => message as HeldMessage);
    const ended = once(child, "close").then(([code, signal]) => exitCodeOf(code as number | null, signal));
    const first = await Promise.race([held, ended]);
    if (typeof first === "number") return first;
    // What it printed before that is here by now or comes at once.
    await new Promise((resolve) => void setImmediate(resolve));
    const jobs = first.held.map((job) => `"${job}"`).join(", ");
    stderr.write(
      `loom: left with ${jobs} held: process ${child.pid} goes on with the run. loom ctl state says what it is at\n`,
    );
    return EXIT_CODE.held;
  } catch (cause) {
    stderr.write(`loom: Cannot start the run: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    return EXIT_CODE.failure;
  } finally {
    signals.restore();
    child.stdout?.destroy();
    child.stderr?.destroy();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** By a signal: 128 and its number. */
function exitCodeOf(code: number | null, signal: unknown): number {
  if (code !== null) return code;
  const number = typeof signal === "string" ? constants.signals[signal as NodeJS.Signals] : undefined;
  return 128 + (number ?? 0);
}
