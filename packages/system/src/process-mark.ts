import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { unreachable } from "@loom/core";
import { askSystemNow } from "./ask-system.ts";
import { parseProcessStat, readProcessStatText } from "./process-stat.ts";
import { processView, type ProcessView } from "./process-view.ts";
import { errnoCode } from "./system-error.ts";

/** Identifies one process among all others, even a later one with the same number, on another boot or machine. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, as the operating system counts; empty when it does not say. */
  readonly started: string;
  /** The machine, however often it is started; empty when it is not known. */
  readonly host: string;
  /** The machine since its last start; empty when the system does not say. */
  readonly machine: string;
  /** The namespace of process numbers: a container has its own. Empty where there is only one. */
  readonly numbering: string;
  /** The clock by which `started` counts. Empty where there is one only. */
  readonly clock: string;
}

/**
 * Whether a process still runs. `unknown` when there is no way to know from
 * here: code that acts on dead processes must not act on these.
 */
export type ProcessState = "alive" | "dead" | "unknown";

/**
 * The mark of the process that asks.
 *
 * @param view - How processes are looked at. Default: as it can be here.
 */
export function currentProcess(view: ProcessView = processView()): ProcessMark {
  // Asked once, as it stays the same, and `ps` takes a while.
  const look = (ownLook[view] ??= lookAt(process.pid, view));
  return { pid: process.pid, started: look.kind === "runs" ? look.started : "", ...here() };
}

const ownLook: Partial<Record<ProcessView, Look>> = {};

/**
 * Reads a mark from JSON that may hold more.
 *
 * @returns `undefined` when no process is named. What else is missing is not known, hence empty.
 */
export function processMarkOf(json: unknown): ProcessMark | undefined {
  if (typeof json !== "object" || json === null || !("pid" in json) || !Number.isInteger(json.pid))
    return undefined;
  const facts = json as Readonly<Record<string, unknown>>;
  const fact = (name: string): string => (typeof facts[name] === "string" ? facts[name] : "");
  return {
    pid: json.pid as number,
    started: fact("started"),
    host: fact("host"),
    machine: fact("machine"),
    numbering: fact("numbering"),
    clock: fact("clock"),
  };
}

/**
 * What has become of the process with a mark.
 *
 * @param view - How processes are looked at. Default: as it can be here.
 */
export function processState(mark: ProcessMark, view: ProcessView = processView()): ProcessState {
  const now = here();
  if (isElsewhere(mark, now)) return "unknown";
  // The same machine, rebooted: nothing that ran before runs now.
  if (differs(mark.machine, now.machine)) return "dead";
  if (differs(mark.numbering, now.numbering))
    return isNumberingGone(mark.numbering, now.numbering) ? "dead" : "unknown";
  const seen = lookAt(mark.pid, view);
  switch (seen.kind) {
    case "gone":
      return "dead";
    case "unknown":
      return mark.pid === process.pid ? "alive" : "unknown";
    case "runs":
      if (mark.started === "" || seen.started === "" || differs(mark.clock, now.clock)) return "unknown";
      // Ticks of /proc and the time of ps say nothing about each other.
      if (isInOtherUnit(mark.started, seen.started)) return "unknown";
      return mark.started === seen.started ? "alive" : "dead";
    default:
      return unreachable(seen);
  }
}

/**
 * Whether a mark was made on another machine.
 *
 * The name of a machine may change while it runs: macOS takes it from the network that it is in. Where there are no
 * numberings of containers, the same start of a machine is the same machine, whatever it is called.
 */
export function isElsewhere(mark: MachinePlace, now: MachinePlace): boolean {
  if (!differs(mark.host, now.host)) return false;
  const hasNumberings = mark.numbering !== "" || now.numbering !== "";
  return hasNumberings || mark.machine === "" || mark.machine !== now.machine;
}

/** Whether one start is in ticks, and the other one a time of `ps`, such as `Sun Nov  2 09:05:00 2025`. */
function isInOtherUnit(one: string, other: string): boolean {
  const isTicks = (started: string): boolean => /^\d+$/.test(started);
  const isTime = (started: string): boolean => /^\S+ .*:.* \d{4}$/.test(started);
  return (isTicks(one) && isTime(other)) || (isTime(one) && isTicks(other));
}

function differs(one: string, other: string): boolean {
  return one !== "" && other !== "" && one !== other;
}

type Look =
  | { readonly kind: "runs"; readonly started: string }
  /** There is no such process, or it has ended and was only not waited for. */
  | { readonly kind: "gone" }
  | { readonly kind: "unknown" };

function lookAt(pid: number, view: ProcessView): Look {
  return view === "proc" ? lookByProc(pid) : lookByPs(pid);
}

function lookByProc(pid: number): Look {
  let text: string;
  try {
    text = readProcessStatText(pid);
  } catch (error) {
    const code = errnoCode(error);
    // Gone only where the processes of this numbering can be seen at all.
    return (code === "ENOENT" || code === "ESRCH") && showsItself() ? { kind: "gone" } : { kind: "unknown" };
  }
  const { dead, startTime } = parseProcessStat(pid, text);
  return dead ? { kind: "gone" } : { kind: "runs", started: startTime };
}

/** Whether `/proc` exists and belongs to this process's own namespace. */
function showsItself(): boolean {
  return readLink("/proc/self") === String(process.pid);
}

function lookByPs(pid: number): Look {
  const look = readLook(askPs(pid));
  // Gone only where processes can be seen at all.
  return look.kind === "unknown" && readLook(askPs(process.pid)).kind === "runs" ? { kind: "gone" } : look;
}

function askPs(pid: number): string | undefined {
  return askSystemNow("ps", ["-o", "stat=,lstart=", "-p", String(pid)]);
}

/** Reads the state and the start of one process from what `ps` said of it; `unknown` where it said nothing. */
export function readLook(said: string | undefined): Look {
  const answer = said?.trim() ?? "";
  if (answer === "") return { kind: "unknown" };
  if (answer.startsWith("Z")) return { kind: "gone" };
  return { kind: "runs", started: answer.slice(answer.indexOf(" ")).trim() };
}

/** The numbering of a machine itself, as opposed to that of a container. Source: `PROC_PID_INIT_INO` of Linux. */
const OUTERMOST = "pid:[4026531836]";

/**
 * Whether no process is left in a numbering: a container that was stopped.
 *
 * Told only from the outermost one, from where all are seen.
 */
function isNumberingGone(numbering: string, own: string): boolean {
  if (own !== OUTERMOST) return false;
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .every((pid) => {
        try {
          return readlinkSync(`/proc/${pid}/ns/pid`) !== numbering;
        } catch (error) {
          // One that ended meanwhile is in none; one that may not be looked at could be in any.
          const code = errnoCode(error);
          if (code === "ENOENT" || code === "ESRCH") return true;
          throw error;
        }
      });
  } catch {
    return false;
  }
}

let bootId: string | undefined;

/**
 * Which start of the machine this is: numbers of processes mean nothing after the next. Empty where it is not told.
 *
 * Source: random(4) of Linux; `kern.bootsessionuuid` of macOS, which other systems do not have.
 */
export function readBootId(view: ProcessView = processView()): string {
  if (view === "proc") return readText("/proc/sys/kernel/random/boot_id");
  bootId ??= askSystemNow("sysctl", ["-n", "kern.bootsessionuuid"])?.trim() ?? "";
  return bootId;
}

/** Where a process runs. */
export type MachinePlace = Pick<ProcessMark, "host" | "machine" | "numbering" | "clock">;

let place: MachinePlace | undefined;

function here(): MachinePlace {
  place ??= {
    // Both: images of containers carry one id to many machines, and names are given twice.
    host: `${readText("/etc/machine-id")} ${hostname()}`.trim(),
    machine: readBootId(),
    numbering: readLink("/proc/self/ns/pid"),
    clock: readLink("/proc/self/ns/time"),
  };
  return place;
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return "";
  }
}
