import { readProcessStat } from "@loom/system";
import { sendSignal } from "../process/process-group.ts";
import { readCommandLine } from "./proc-files.ts";

/** A process that was seen running. */
export interface RunningProcess {
  readonly pid: number;
  readonly group: number;
  /** Program and arguments, up to `COMMAND_LENGTH`. */
  readonly command: string;
  /** Distinguishes it from a later process with the same pid; empty if the system does not report it. */
  readonly startTime: string;
}

/** How much of a command line is kept for evidence. Characters; command lines can be megabytes long. */
const COMMAND_LENGTH = 500;

/** Reads a process on Linux; `undefined` if it is not running, or is a kernel thread. */
export function seeProcess(pid: number): RunningProcess | undefined {
  const stat = readProcessStat(pid);
  if (stat === undefined || stat.dead || stat.kernelThread) return undefined;
  const { group, startTime } = stat;
  return { pid, group, startTime, command: shortCommand(readCommandLine(pid)) };
}

/** Truncates a command line for evidence. */
export function shortCommand(command: string): string {
  return command.length > COMMAND_LENGTH ? `${command.slice(0, COMMAND_LENGTH)}…` : command;
}

/** Whether this same process is still running. */
export function stillRuns(seen: RunningProcess): boolean {
  if (seen.startTime === "") return sendSignal(seen.pid, 0);
  const stat = readProcessStat(seen.pid);
  return stat !== undefined && !stat.dead && stat.startTime === seen.startTime;
}
