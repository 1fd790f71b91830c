import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** What tells one process from every other one, also from a later one with its number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, as the operating system counts; empty when it does not say. */
  readonly started: string;
  /** The machine, since its last start where that is known, and where in it process numbers count. */
  readonly machine: string;
}

/** Whether a process still runs; `unknown` when its numbers mean nothing here, as on another machine. */
export type ProcessState = "alive" | "dead" | "unknown";

/** The mark of the process that asks. */
export function currentProcess(): ProcessMark {
  return { pid: process.pid, started: startOf(process.pid) ?? "", machine: thisMachine() };
}

/** What has become of the process with a mark. */
export function processState(mark: ProcessMark): ProcessState {
  if (mark.machine !== thisMachine()) return "unknown";
  const started = startOf(mark.pid);
  if (started === undefined) return "dead";
  return mark.started === "" || mark.started === started ? "alive" : "dead";
}

/** `undefined` when there is no such process, or it has ended and only was not waited for. */
function startOf(pid: number): string | undefined {
  return process.platform === "linux" ? startByProc(pid) : startByPs(pid);
}

function startByProc(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name before it stands in brackets and may hold anything, brackets too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function startByPs(pid: number): string | undefined {
  const { stdout, status } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const answer = status === 0 ? stdout.trim() : "";
  if (answer === "" || answer.startsWith("Z")) return undefined;
  return answer.slice(answer.indexOf(" ")).trim();
}

let machine: string | undefined;

function thisMachine(): string {
  machine ??= [readText("/proc/sys/kernel/random/boot_id")?.trim() ?? hostname(), numbering()].join(" ");
  return machine;
}

/** A container numbers its processes for itself. */
function numbering(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
