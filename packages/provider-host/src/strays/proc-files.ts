import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What Linux says of one process. */
export interface ProcessStat {
  readonly pid: number;
  readonly group: number;
  /** Ended already, only not reaped by its parent. */
  readonly dead: boolean;
  /** Part of the kernel, with no program and no environment. */
  readonly kernelThread: boolean;
  /** In clock ticks since boot. With the pid it names a process for good. */
  readonly startTime: string;
}

/** A marked environment; one without the marks; or none yet, as in the middle of `exec`. */
export type MarkCheck = "marked" | "unmarked" | "empty";

/** Flag of kernel threads. Source: `PF_KTHREAD` in Linux `include/linux/sched.h`. */
const PF_KTHREAD = 0x00200000;

/** The numbers of all processes, rising; `undefined` where there is no `/proc`. */
export function listPids(): number[] | undefined {
  if (process.platform !== "linux") return undefined;
  const pids: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid)) pids.push(pid);
  }
  return pids.toSorted((a, b) => a - b);
}

/** The state of a process; `undefined` when there is none of that number. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readProcFile(pid, "stat")?.toString("latin1");
  if (text === undefined) return undefined;
  // The name before it stands in brackets and may hold anything, brackets too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    group: Number(fields[2]),
    dead: fields[0] === "Z" || fields[0] === "X",
    kernelThread: (Number(fields[6]) & PF_KTHREAD) !== 0,
    startTime: fields[19] ?? "",
  };
}

/** The arguments of a process with a space between; its name in square brackets when it has none. */
export function readCommandLine(pid: number): string {
  const args = readProcFile(pid, "cmdline")?.toString("utf8").replace(/\0+$/, "").replaceAll("\0", " ");
  if (args !== undefined && args !== "") return args;
  return `[${readProcFile(pid, "comm")?.toString("utf8").trimEnd() ?? "gone"}]`;
}

/**
 * Whether the environment that a process was started with contains every mark.
 *
 * @param marks - Each `NAME=value`.
 */
export function checkMarks(pid: number, marks: readonly Buffer[]): MarkCheck {
  // Most numbers asked about belong to nobody, and an exception costs more than the question.
  if (!existsSync(`/proc/${pid}`)) return "unmarked";
  const environment = readProcFile(pid, "environ");
  if (environment === undefined) return "unmarked";
  if (environment.length === 0) return "empty";
  return marks.every((mark) => hasEntry(environment, mark)) ? "marked" : "unmarked";
}

/** The number of the process of which `threadId` is a thread. */
export function processOfThread(threadId: number): number {
  const status = readProcFile(threadId, "status")?.toString("latin1");
  return Number(status?.match(/^Tgid:\s*(\d+)$/m)?.[1] ?? threadId);
}

/** The number that the kernel gave away last, to a process or a thread; `undefined` where it does not say. */
export function readLastPid(): number | undefined {
  try {
    const text = readFileSync("/proc/loadavg", "utf8");
    const pid = Number(text.slice(text.lastIndexOf(" ") + 1));
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** After which number the kernel begins again. Default: 32768, the kernel's own. */
export function readPidLimit(): number {
  try {
    return Number(readFileSync("/proc/sys/kernel/pid_max", "utf8"));
  } catch {
    return 32_768;
  }
}

function hasEntry(environment: Buffer, entry: Buffer): boolean {
  for (let at = environment.indexOf(entry); at !== -1; at = environment.indexOf(entry, at + 1)) {
    const end = at + entry.length;
    const startsThere = at === 0 || environment[at - 1] === 0;
    if (startsThere && (end === environment.length || environment[end] === 0)) return true;
  }
  return false;
}

/** `undefined` when the process is gone or belongs to somebody else. */
function readProcFile(pid: number, name: string): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}
