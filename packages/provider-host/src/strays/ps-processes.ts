import { execFile } from "node:child_process";
import type { WantedMark } from "./mark.ts";
import { shortCommand, type RunningProcess } from "./running-process.ts";

/** A line of `ps`, with the environment if the system shows it. */
export interface PsProcess extends RunningProcess {
  /** The command line, followed by the environment. */
  readonly text: string;
}

/** More than the process table of a busy machine with all environments. Bytes. */
const MAX_PS_BYTES = 64 * 1024 * 1024;

/**
 * Lists all running processes with `ps`, where there is no `/proc`: macOS and the BSDs.
 *
 * @param path - `PATH` on which to look for `ps`.
 * @returns None if `ps` cannot be run.
 */
export function listByPs(path: string = "/bin:/usr/bin"): Promise<PsProcess[]> {
  return new Promise((resolve) => {
    execFile(
      "ps",
      ["-axwwE", "-o", "pid=,pgid=,stat=,command="],
      { maxBuffer: MAX_PS_BYTES, env: { PATH: path } },
      // Without ps, processes that left their group cannot be found.
      (error, stdout) => resolve(error === null ? parsePs(stdout) : []),
    );
  });
}

/** Parses lines of `pid pgid stat command environment`, without zombies. */
export function parsePs(output: string): PsProcess[] {
  const processes: PsProcess[] = [];
  for (const line of output.split("\n")) {
    const [, pid, group, state, text] = line.match(/^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/) ?? [];
    if (text === undefined || state === undefined || state.startsWith("Z")) continue;
    // Nothing marks the end of the arguments, and environment values must not get into evidence.
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

/** Whether a line of `ps` contains a mark as a word. */
export function showsMark(seen: PsProcess, { name, accepts }: WantedMark): boolean {
  return seen.text
    .split(/\s+/)
    .some((word) => word.startsWith(`${name}=`) && accepts(word.slice(name.length + 1)));
}
