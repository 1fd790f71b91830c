import { readFileSync } from "node:fs";

/** What Linux says of one process. */
export interface ProcessStat {
  readonly pid: number;
  /** Number of the process that started it, or of who took it over when that ended. */
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The group in the foreground of its terminal; -1 without a terminal. */
  readonly foregroundGroup: number;
  /** Ended already, only not reaped by its parent. */
  readonly dead: boolean;
  /** Part of the kernel, with no program and no environment. */
  readonly kernelThread: boolean;
  /** In clock ticks since boot. With the pid it names a process for good. */
  readonly startTime: string;
}

/** Flag of kernel threads. Source: `PF_KTHREAD` in Linux `include/linux/sched.h`. */
const PF_KTHREAD = 0x00200000;

/** The state of a process; `undefined` when there is none with that number, or no `/proc`. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(pid, readProcessStatText(pid));
  } catch {
    return undefined;
  }
}

/**
 * The text of `/proc/<pid>/stat`.
 *
 * @throws The operating system's error.
 */
export function readProcessStatText(pid: number): string {
  // Where `/proc` numbers processes in another way, as in a sandbox, this process is another number there.
  return readFileSync(`/proc/${pid === process.pid ? "self" : pid}/stat`, "latin1");
}

/** Reads the text of `/proc/<pid>/stat`. Source: proc(5). */
export function parseProcessStat(pid: number, text: string): ProcessStat {
  // The name before it is in brackets and may contain anything, even brackets.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    foregroundGroup: Number(fields[5]),
    dead: fields[0] === "Z" || fields[0] === "X",
    kernelThread: (Number(fields[6]) & PF_KTHREAD) !== 0,
    startTime: fields[19] ?? "",
  };
}
