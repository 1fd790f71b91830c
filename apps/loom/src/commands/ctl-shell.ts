import { spawn } from "node:child_process";
import { once } from "node:events";
import { openPastRun } from "@loom/diagnosis";
import { shellOfJob } from "@loom/runner/live";
import { EXIT_CODE } from "../exit-code.ts";
import type { ProcessIo } from "../process-io.ts";

/**
 * Opens a shell in the place of a job that is held.
 *
 * @param name - As for `runDirectoryOf`; the last run when absent.
 * @returns How the shell ended; 1 the job is not held, or there is no way to; 2 when there is no such run.
 */
export async function shellCommand(job: string, name: string | undefined, io: ProcessIo): Promise<number> {
  const { stderr, stdin, stdout, env } = io;
  const opened = await openPastRun(name ?? "last", io.cwd);
  if (!opened.ok) {
    stderr.write(`loom: ${opened.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const { run, isAlive } = opened.value;
  if (!isAlive()) {
    stderr.write(`loom: Run "${run.runId}" is over: only a run that goes on has a place to look at\n`);
    return EXIT_CODE.failure;
  }
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true;
  const shell = await shellOfJob(run.directory, { jobId: job, isTerminal });
  if (!shell.ok) {
    stderr.write(`loom: ${shell.error.message}\n`);
    return EXIT_CODE.failure;
  }
  const { command, cwd, env: jobEnv } = shell.value;
  if (isTerminal)
    stderr.write(
      `loom: where job "${job}" works: ${cwd}. Leave with exit; then loom ctl retry-step ${job}\n`,
    );
  const [program, ...args] = command;
  const { TERM: term } = env;
  const child = spawn(program, args, {
    cwd,
    env: { ...jobEnv, ...(term !== undefined && { TERM: term }) },
    stdio: "inherit",
  });
  try {
    // The terminal sends its signals to the shell as well, which they are meant for.
    const ignore = (): void => undefined;
    for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, ignore);
    const [code] = (await once(child, "close")) as [number | null];
    return code ?? EXIT_CODE.failure;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    stderr.write(`loom: Cannot start ${program}: ${why}\n`);
    return EXIT_CODE.failure;
  }
}
