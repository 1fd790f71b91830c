import { spawn, type ChildProcess } from "node:child_process";
import type { EventError } from "@loom/core";
import type { OutputSink, ProcessEnd, StopRequest } from "@loom/ports";
import { drainOutputs } from "../output/drain-outputs.ts";
import type { FifoPool } from "../output/fifo-pool.ts";
import type { LateOutput } from "../output/late-output.ts";
import type { OutputReader } from "../output/output-reader.ts";
import { openStepOutputs } from "../output/step-outputs.ts";
import { followStop } from "./follow-stop.ts";
import { groupExists } from "./process-group.ts";
import { startFailure } from "./start-failure.ts";

/** One process to run, in a group and session of its own. */
export interface ProcessStart {
  /** Absolute path of the shell. */
  readonly command: string;
  readonly args: readonly string[];
  readonly script: string;
  /** Absolute path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: OutputSink;
  /** Takes what descendants print once the process has ended. */
  readonly late: LateOutput;
  readonly stop: StopRequest;
  readonly pool: FifoPool;
  /** Called as soon as there is a process. Its number is also that of its group. */
  readonly onStarted: (pid: number) => void;
  /** Called as soon as it has ended; with whether its group has members. */
  readonly onEnded: (pid: number, groupLeft: boolean) => void;
}

/** How a process ended, and what it left behind. */
export interface FinishedProcess {
  readonly end: ProcessEnd;
  /** Whether members of its group still exist. */
  readonly groupLeft: boolean;
  /** Outputs that descendants keep open: muted, to be stopped when those are ended. */
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
    // What ends because it was asked to may take its time over its last words.
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

/** Starts the process; what cannot be started is thrown or emitted by Node, depending on the cause. */
function trySpawn(
  start: ProcessStart,
  outputs: readonly [number | "pipe", number | "pipe"],
): ChildProcess | Error {
  try {
    return spawn(start.command, start.args, {
      cwd: start.cwd,
      env: start.env,
      // A shell whose stdin is a socket or pipe may take itself for a remote one and read its start-up files.
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
