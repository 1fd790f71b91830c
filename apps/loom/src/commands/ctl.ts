import { relative } from "node:path";
import { controlSocketPath } from "@loom/artifacts";
import { followRun, type ControlAction, type ControlError } from "@loom/control";
import { createPalette, shouldColor, type ColorFlag } from "@loom/reporters";
import { stateLines } from "@loom/reporters/state";
import { EXIT_CODE } from "../exit-code.ts";
import { liveState, requestAction, SOON, UNREACHABLE } from "@loom/runner/live";
import { openPastRun, type OpenedRun } from "@loom/diagnosis";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";

/** What `loom ctl` asks of a run. */
export type CtlRequest =
  | { readonly what: "state"; readonly json?: boolean; readonly color?: ColorFlag }
  | { readonly what: "events"; readonly from: number }
  | { readonly what: "act"; readonly action: ControlAction };

/**
 * Asks something of a run under way.
 *
 * @param name - As for `runDirectoryOf`; the last run when absent.
 * @returns 0 done; 1 the run refuses or cannot be asked; 2 when there is no such run.
 */
export async function ctlCommand(
  name: string | undefined,
  request: CtlRequest,
  io: ProcessIo,
): Promise<number> {
  const opened = await openPastRun(name ?? "last", io.cwd);
  if (!opened.ok) {
    io.stderr.write(`loom: ${opened.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const { run, isAlive } = opened.value;
  if (!isAlive()) {
    io.stderr.write(`loom: Run "${run.runId}" is over: only a run that goes on can be asked\n`);
    return EXIT_CODE.failure;
  }
  switch (request.what) {
    case "state":
      return await showState(opened.value, request, io);
    case "events":
      return await printEvents(run.directory, request.from, io);
    case "act": {
      const refusal = await requestAction(run.directory, request.action);
      return refusal === undefined ? EXIT_CODE.success : refused(refusal, io);
    }
  }
}

/** Shows the state of a run that goes on: for `loom ctl state`, and for `loom show` without a screen. */
export async function showState(
  { run }: OpenedRun,
  flags: { readonly json?: boolean; readonly color?: ColorFlag },
  { stdout, cwd, env }: ProcessIo,
): Promise<number> {
  const state = await liveState(run);
  if (flags.json === true) {
    stdout.write(formatJson(state));
    return EXIT_CODE.success;
  }
  const colored = shouldColor({ flag: flags.color ?? "auto", env, isTerminal: stdout.isTTY === true });
  const place = { runId: run.runId, directory: relative(cwd, run.directory) || ".", nowMs: Date.now() };
  const lines = stateLines(state, place, createPalette(colored ? "ansi16" : "none"));
  stdout.write(printable(`${lines.join("\n")}\n`, colored));
  return EXIT_CODE.success;
}

async function printEvents(directory: string, from: number, io: ProcessIo): Promise<number> {
  const socket = controlSocketPath(directory);
  const followed = socket === undefined ? undefined : await followRun(socket, { from, ...SOON });
  if (followed?.ok !== true) return refused(followed?.error ?? UNREACHABLE, io);
  for await (const line of followed.value) {
    if (io.guard.lost) break;
    io.stdout.write(`${line}\n`);
  }
  return EXIT_CODE.success;
}

function refused(error: ControlError, { stderr }: ProcessIo): number {
  stderr.write(`loom: ${error.message}\n`);
  return EXIT_CODE.failure;
}
