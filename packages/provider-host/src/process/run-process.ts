import { spawn, type ChildProcess } from "node:child_process";
import type { EventError } from "@loom/core";
import type { OutputSink, ProcessEnd, StopRequest } from "@loom/ports";
import { drainOutputs } from "../output/drain-outputs.ts";
import type { FifoPool } from "../output/fifo-pool.ts";
import type { LateOutput } from "@loom/ports";
import type { OutputReader } from "../output/output-reader.ts";
import { openStepOutputs } from "../output/step-outputs.ts";
import { followStop } from "./follow-stop.ts";
import { groupExists } from "./process-group.ts";
import { startFailure } from "./start-failure.ts";

/** One process to run, in its own group and session. */
export interface ProcessStart {
  /** Absolute path of the shell. */
  readonly command: string;
  readonly args: readonly string[];
  readonly script: string;
  /** Absolute path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: OutputSink;
  /** Receives what descendants print after the process has ended. */
  readonly late: LateOutput;
  readonly stop: StopRequest;
  readonly pool: FifoPool;
  /** Called as soon as the process exists. Its pid is also its group id. */
  readonly onStarted: (pid: number) => void;
  /** Called as soon as it has ended, with whether its group still has members. */
  readonly onEnded: (pid: number, groupLeft: boolean) => void;
}

/** How a process ended, and what it left behind. */
export interface FinishedProcess {
  readonly end: ProcessEnd;
  /** Whether members of its group still exist. */
  readonly groupLeft: boolean;
  /** Outputs that descendants keep open: muted; stop them once those have been ended. */
  readonly openOutputs: readonly OutputReader[];
  /** What the sink threw, or why a pipe could not be read: a bug. */
  readonly failure?: { readonly error: unknown };
}

/** Runs one process to its end and its output to completion. */
export async function runProcess(start: ProcessStart): Promise<FinishedProcess> {
  let outputs;
  try {
    outputs = await openStepOutputs(start.pool);
  } catch (error) {
    return notStarted(startFailure(error, start));
  }
  if (start.stop.terminate.aborted || start.stop.kill.aborted) {
    outputs.discard();
    return notStarted({ code: "cancelled", message: "The step was not started: the run is being stopped" });
  }

  const child = trySpawn(start, outputs.stdio);
  const pid = child instanceof Error ? undefined : child.pid;
  if (child instanceof Error || pid === undefined) {
    outputs.discard();
    const error =
      child instanceof Error ? child : await new Promise((resolve) => child.once("error", resolve));
    return notStarted(startFailure(error, start));
  }

  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve(processEnd(exitCode, signal)));
  });
  start.onStarted(pid);
  const stopper = followStop(pid, start.stop);
  try {
    const readers = outputs.read(child, start.output);
    const end = await exited;
    const groupLeft = groupExists(pid);
    start.onEnded(pid, groupLeft);
    if (!groupLeft) stopper.dispose();
    // Processes that were asked to end may still print.
    if (groupLeft && stopper.requested) await stopper.groupGone();
    const openOutputs = await drainOutputs(readers, start.late);
    if (groupLeft && stopper.requested) await stopper.groupGone();
    const failure = readers[0].failure ?? readers[1].failure;
    return {
      end,
      groupLeft: groupLeft && groupExists(pid),
      openOutputs,
      ...(failure !== undefined && { failure }),
    };
  } finally {
    stopper.dispose();
  }
}

function notStarted(error: EventError): FinishedProcess {
  return { end: { kind: "not_started", error }, groupLeft: false, openOutputs: [] };
}

/** Starts the process. Depending on the cause of a failure, Node throws or emits it. */
function trySpawn(
  start: ProcessStart,
  outputs: readonly [number | "pipe", number | "pipe"],
): ChildProcess | Error {
  try {
    return spawn(start.command, start.args, {
      cwd: start.cwd,
      env: start.env,
      // A shell whose stdin is a socket or a pipe may think it is remote and read its start-up files.
      stdio: ["ignore", ...outputs],
      detached: true,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function processEnd(exitCode: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  if (exitCode !== null) return { kind: "exited", exitCode };
  if (signal !== null) return { kind: "signaled", signal };
  throw new Error("A process ended with neither an exit code nor a signal");
}
