import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { WantedMark } from "./mark.ts";

/** A marked environment; one without the mark; or none yet, as in the middle of `exec`. */
export type MarkCheck = "marked" | "unmarked" | "empty";

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

/** The arguments of a process with a space between; its name in square brackets when it has none. */
export function readCommandLine(pid: number): string {
  const args = readProcFile(pid, "cmdline")?.toString("utf8").replace(/\0+$/, "").replaceAll("\0", " ");
  if (args !== undefined && args !== "") return args;
  return `[${readProcFile(pid, "comm")?.toString("utf8").trimEnd() ?? "gone"}]`;
}

/** Looks for a mark in the environment that a process was started with. */
export function checkMark(pid: number, mark: WantedMark): MarkCheck {
  // Most numbers asked about belong to nobody, and an exception costs more than the question.
  if (!existsSync(`/proc/${pid}`)) return "unmarked";
  const environment = readProcFile(pid, "environ");
  if (environment === undefined) return "unmarked";
  if (environment.length === 0) return "empty";
  return hasMark(environment, mark) ? "marked" : "unmarked";
}

/** The children of a process that were started by its first thread; none where the kernel does not say. */
export function readChildren(pid: number): number[] {
  const text = readProcFile(pid, `task/${pid}/children`)?.toString("latin1").trim();
  return text === undefined || text === "" ? [] : text.split(" ").map(Number);
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

function hasMark(environment: Buffer, { name, accepts }: WantedMark): boolean {
  const start = `${name}=`;
  for (let at = environment.indexOf(start); at !== -1; at = environment.indexOf(start, at + 1)) {
    if (at > 0 && environment[at - 1] !== 0) continue;
    const end = environment.indexOf(0, at);
    const value = environment.toString("utf8", at + start.length, end === -1 ? environment.length : end);
    if (accepts(value)) return true;
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
