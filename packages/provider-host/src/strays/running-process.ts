import type { FactValue } from "@loom/core";
import { readProcessStat } from "@loom/system";
import { sendSignal } from "../process/process-group.ts";
import { readCommandLine } from "./proc-files.ts";

/** A process that was seen running. */
export interface RunningProcess {
  readonly pid: number;
  readonly group: number;
  /** Program and arguments as far as `COMMAND_LENGTH` goes. */
  readonly command: string;
  /** Tells it from a later process of the same number; empty where the system does not say. */
  readonly startTime: string;
}

/** How much of a command line is kept for evidence. Characters; command lines may be megabytes long. */
const COMMAND_LENGTH = 500;

/** Looks at a process on Linux; `undefined` when it does not run, or is part of the kernel. */
export function seeProcess(pid: number): RunningProcess | undefined {
  const stat = readProcessStat(pid);
  if (stat === undefined || stat.dead || stat.kernelThread) return undefined;
  const { group, startTime } = stat;
  return { pid, group, startTime, command: shortCommand(readCommandLine(pid)) };
}

/** Cuts a command line for evidence. */
export function shortCommand(command: string): string {
  return command.length > COMMAND_LENGTH ? `${command.slice(0, COMMAND_LENGTH)}…` : command;
}

/** Whether this very process still runs. */
export function stillRuns(seen: RunningProcess): boolean {
  if (seen.startTime === "") return sendSignal(seen.pid, 0);
  const stat = readProcessStat(seen.pid);
  return stat !== undefined && !stat.dead && stat.startTime === seen.startTime;
}

/** Processes as a fact of a `log` record. */
export function processFacts(processes: readonly RunningProcess[]): FactValue {
  return processes.map(({ pid, command }) => ({ pid, command }));
}
