import { askSystem, askSystemNow } from "./ask-system.ts";

/** A process as `ps` shows it. */
export interface PsProcess {
  readonly pid: number;
  /** Number of the process that started it, or of who took it over when that ended. */
  readonly parent: number;
  readonly group: number;
  /** The group in the foreground of its terminal; 0 or -1 without a terminal. */
  readonly foregroundGroup: number;
  /** In seconds since 1970, digits only; with the pid it names a process. Empty where `ps` does not say. */
  readonly startTime: string;
  /** The command line, followed by the environment where the system shows it. */
  readonly text: string;
}

const COLUMNS = "pid=,ppid=,pgid=,tpgid=,stat=,lstart=,command=";

/** All processes with their environments, as far as the user may see them. Source: ps(1) of macOS and FreeBSD. */
const EVERY_PROCESS = ["-axwwE", "-o", COLUMNS];

/** Lists all running processes. None if `ps` cannot be run. */
export async function listByPs(): Promise<PsProcess[]> {
  return parsePs((await askSystem("ps", EVERY_PROCESS)) ?? "");
}

/** The same, while nothing else of this program runs: for what cannot wait. */
export function listByPsNow(): PsProcess[] {
  return parsePs(askSystemNow("ps", EVERY_PROCESS) ?? "");
}

/** One process; `undefined` when there is none with that number, or `ps` cannot be run. */
export function seeByPs(pid: number): PsProcess | undefined {
  return parsePs(askSystemNow("ps", ["-ww", "-o", COLUMNS, "-p", String(pid)]) ?? "")[0];
}

/** `lstart` is five words, such as `Sun Nov  2 09:05:00 2025`. */
const LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(\S+)\s+((?:\S+\s+){4}\d{4})\s+(.*)$/;

/** Reads what `ps` printed of the columns above, without zombies. */
export function parsePs(output: string): PsProcess[] {
  const processes: PsProcess[] = [];
  for (const line of output.split("\n")) {
    const [, pid, parent, group, foregroundGroup, state, started = "", text] = LINE.exec(line) ?? [];
    if (text === undefined || state === undefined || state.startsWith("Z")) continue;
    const startedAtMs = Date.parse(`${started} UTC`);
    processes.push({
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      foregroundGroup: Number(foregroundGroup),
      startTime: Number.isNaN(startedAtMs) ? "" : String(startedAtMs / 1000),
      text,
    });
  }
  return processes;
}
