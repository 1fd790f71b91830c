import { spawn } from "node:child_process";
import type { EventError } from "@loom/core";
import type { OutputSink, ProcessEnd, StepCommand, StopRequest } from "@loom/ports";
import type { LauncherPool } from "../launcher/launcher-pool.ts";
import type { StartedProcess } from "../launcher/launcher.ts";
import { drainOutputs } from "../output/drain-outputs.ts";
import type { FifoPool } from "../output/fifo-pool.ts";
import type { LateOutput } from "@loom/ports";
import type { OutputReader } from "../output/output-reader.ts";
import { openStepOutputs, type NodePipes, type StepOutputs } from "../output/step-outputs.ts";
import { followStop } from "./follow-stop.ts";
import { groupExists } from "./process-group.ts";
import { startFailure } from "./start-failure.ts";

/** One process to run, in its own group and session. */
export interface ProcessStart {
  /** What Loom starts. The program is an absolute path. */
  readonly command: StepCommand;
  /** What starts it in place of Loom, if it can. */
  readonly launch?: StepLaunch | undefined;
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

/** How a launcher starts a process. */
export interface StepLaunch {
  readonly launchers: LauncherPool;
  readonly command: StepCommand;
  /** Absolute path of the list of members of the control group that it enters. */
  readonly group: string;
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
    return notStarted(failureOf(error, start));
  }
  if (start.stop.terminate.aborted || start.stop.kill.aborted) {
    outputs.discard();
    return notStarted({ code: "cancelled", message: "The step was not started: the run is being stopped" });
  }

  const started = (await tryLaunch(start, outputs)) ?? (await trySpawn(start, outputs));
  if (started instanceof Error) {
    outputs.discard();
    return notStarted(failureOf(started, start));
  }

  const { pid } = started;
  start.onStarted(pid);
  const stopper = followStop(pid, start.stop);
  try {
    const readers = outputs.read(started, start.output);
    const end = await started.ended;
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

function failureOf(error: unknown, { command, launch, ...start }: ProcessStart): EventError {
  return startFailure(error, { ...start, command: (launch?.command ?? command).program });
}

/** A started process. Where Node made its pipes, it has their ends. */
interface StartedStep extends StartedProcess, NodePipes {}

/** Has a launcher start it, if one is free; `undefined` where that would not be the same, or cannot be. */
async function tryLaunch(
  { launch, cwd, env }: ProcessStart,
  { paths }: StepOutputs,
): Promise<StartedStep | Error | undefined> {
  if (launch === undefined || paths === undefined) return undefined;
  const { launchers, command, group } = launch;
  return await launchers.take()?.launch({ ...command, cwd, env, outputs: paths, group });
}

/** Starts the process. Depending on the cause of a failure, Node throws or emits it. */
async function trySpawn(
  { command: { program, args }, cwd, env }: ProcessStart,
  { stdio }: StepOutputs,
): Promise<StartedStep | Error> {
  try {
    const child = spawn(program, args, {
      cwd,
      env,
      // A shell whose stdin is a socket or a pipe may think it is remote and read its start-up files.
      stdio: ["ignore", ...stdio],
      detached: true,
    });
    const { pid, stdout, stderr } = child;
    if (pid === undefined) return await new Promise((resolve) => child.once("error", resolve));
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once("exit", (exitCode, signal) => resolve(processEnd(exitCode, signal)));
    });
    return { pid, ended, stdout, stderr };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function processEnd(exitCode: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  if (exitCode !== null) return { kind: "exited", exitCode };
  if (signal !== null) return { kind: "signaled", signal };
  throw new Error("A process ended with neither an exit code nor a signal");
}
