import { execFile } from "node:child_process";
import type { WantedMark } from "./mark.ts";
import { shortCommand, type RunningProcess } from "./running-process.ts";

/** A line of `ps`, with the environment as far as the system shows it. */
export interface PsProcess extends RunningProcess {
  /** The command line, followed by the environment. */
  readonly text: string;
}

/** More than the process table of a busy machine, with every environment. Bytes. */
const MAX_PS_BYTES = 64 * 1024 * 1024;

/**
 * Asks `ps` for all running processes, where there is no `/proc`: macOS and the BSDs.
 *
 * @param path - Where `ps` is looked for.
 * @returns None where `ps` cannot be run.
 */
export function listByPs(path: string = "/bin:/usr/bin"): Promise<PsProcess[]> {
  return new Promise((resolve) => {
    execFile(
      "ps",
      ["-axwwE", "-o", "pid=,pgid=,stat=,command="],
      { maxBuffer: MAX_PS_BYTES, env: { PATH: path } },
      // A machine without ps: what left its group cannot be seen there.
      (error, stdout) => resolve(error === null ? parsePs(stdout) : []),
    );
  });
}

/** Reads lines of `pid pgid stat command environment`; zombies are left out. */
export function parsePs(output: string): PsProcess[] {
  const processes: PsProcess[] = [];
  for (const line of output.split("\n")) {
    const [, pid, group, state, text] = line.match(/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/) ?? [];
    if (text === undefined || state === undefined || state.startsWith("Z")) continue;
    // Nothing marks where the arguments end: values of the environment must not get into evidence.
    const command = text.replace(/\s[A-Za-z_][A-Za-z0-9_]*=.*$/, "");
    processes.push({
      pid: Number(pid),
      group: Number(group),
      startTime: "",
      command: shortCommand(command),
      text,
    });
  }
  return processes;
}

/** Whether a line of `ps` shows a mark as a word. */
export function showsMark(seen: PsProcess, { name, accepts }: WantedMark): boolean {
  return seen.text
    .split(/\s+/)
    .some((word) => word.startsWith(`${name}=`) && accepts(word.slice(name.length + 1)));
}
