import { existsSync, readdirSync, readFileSync } from "node:fs";
import { processView, type ProcessView } from "@loom/system";
import type { WantedMark } from "./mark.ts";

/** With the mark, without it, or without any environment yet, as during `exec`. */
export type MarkCheck = "marked" | "unmarked" | "empty";

/** All pids, ascending; `undefined` where there is no `/proc`. */
export function listPids(view: ProcessView = processView()): number[] | undefined {
  if (view !== "proc") return undefined;
  const pids: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid)) pids.push(pid);
  }
  return pids.toSorted((a, b) => a - b);
}

/** A process's arguments, separated by spaces; without any, its name in square brackets. */
export function readCommandLine(pid: number): string {
  const args = readProcFile(pid, "cmdline")?.toString("utf8").replace(/\0+$/, "").replaceAll("\0", " ");
  if (args !== undefined && args !== "") return args;
  return `[${readProcFile(pid, "comm")?.toString("utf8").trimEnd() ?? "gone"}]`;
}

/** Checks the environment that a process was started with for a mark. */
export function checkMark(pid: number, mark: WantedMark): MarkCheck {
  // Most pids are unused, and an exception costs more than this check.
  if (!existsSync(`/proc/${pid}`)) return "unmarked";
  const environment = readProcFile(pid, "environ");
  if (environment === undefined) return "unmarked";
  if (environment.length === 0) return "empty";
  return hasMark(environment, mark) ? "marked" : "unmarked";
}

/** The children started by a process's main thread; none if the kernel does not list them. */
export function readChildren(pid: number): number[] {
  const text = readProcFile(pid, `task/${pid}/children`)?.toString("latin1").trim();
  return text === undefined || text === "" ? [] : text.split(" ").map(Number);
}

/** The pid of the process that a thread belongs to. */
export function processOfThread(threadId: number): number {
  const status = readProcFile(threadId, "status")?.toString("latin1");
  return Number(status?.match(/^Tgid:\s*(\d+)$/m)?.[1] ?? threadId);
}

/** The pid that the kernel assigned last, to a process or a thread; `undefined` if unknown. */
export function readLastPid(): number | undefined {
  try {
    const text = readFileSync("/proc/loadavg", "utf8");
    const pid = Number(text.slice(text.lastIndexOf(" ") + 1));
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The limit at which pids wrap around. Default: 32768, as in the kernel. */
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

/** `undefined` if the process is gone or belongs to another user. */
function readProcFile(pid: number, name: string): Buffer | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}
