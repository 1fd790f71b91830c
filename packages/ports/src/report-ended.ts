import { err, ok, type EventError, type FactValue, type Result } from "@loom/core";
import type { SectionLog } from "./provider.ts";

/** A process that a job left running. */
export interface LeftProcess {
  readonly pid: number;
  /** Program and arguments. */
  readonly command: string;
}

/** What became of processes that were left running. */
export interface EndedProcesses<P extends LeftProcess = LeftProcess> {
  readonly ended: readonly P[];
  /** Those that are still there. */
  readonly left: readonly P[];
}

/**
 * Notes in the form that readers of the evidence know which leftover processes were ended, and which could not be.
 *
 * @param owner - Who left it: `The job`, `The run`.
 * @returns `processes_left` if some are still running.
 */
export function reportEnded(
  owner: string,
  result: EndedProcesses,
  log: SectionLog,
): Result<void, EventError> {
  const { ended, left } = result;
  if (ended.length > 0) {
    log.log("warn", `${owner} left ${count(ended)} running, now ended: ${names(ended)}`, {
      processes: processFacts(ended),
    });
  }
  if (left.length === 0) return ok(undefined);
  const message = `${owner} left ${count(left)} running that even SIGKILL does not end: ${names(left)}`;
  log.log("error", message, { processes: processFacts(left) });
  return err({ code: "processes_left", message });
}

/** How many are named in a message; the facts name all. */
const NAMED = 3;

function count(processes: readonly LeftProcess[]): string {
  return processes.length === 1 ? "a process" : `${processes.length} processes`;
}

function names(processes: readonly LeftProcess[]): string {
  const named = processes.slice(0, NAMED).map(({ pid, command }) => `"${command}" (${pid})`);
  return processes.length > NAMED ? `${named.join(", ")}, …` : named.join(", ");
}

function processFacts(processes: readonly LeftProcess[]): FactValue {
  return processes.map(({ pid, command }) => ({ pid, command }));
}
