import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { readBootId, removeFile } from "@loom/system";
import { cgroupName } from "../cgroup/run-cgroup.ts";

/** First word of the notes file. */
const FORMAT = "loom-processes-1";

/** A process by pid and start time, which together identify it until the machine reboots. */
export interface NotedProcess {
  readonly pid: number;
  /** Empty if the system does not report it. */
  readonly startTime: string;
}

/** What a run has noted about its processes. */
export interface SeenNotes {
  /** The run's mark. */
  readonly token: string;
  /** The folder of its control group. */
  readonly cgroup?: string;
  /** Whether the machine has not rebooted since; otherwise the pids are meaningless. */
  readonly sameBoot: boolean;
  /** Shells of steps whose groups may have members. */
  readonly leaders: readonly NotedProcess[];
  /** Other processes that were seen. */
  readonly members: readonly NotedProcess[];
}

/** Writes down a run's processes, for the clean-up if Loom itself is killed. */
export class RunNotes {
  readonly #path: string;
  #fd: number | undefined;

  /**
   * @param path - Absolute; its folder exists. Write errors are ignored, as processes can still be found by
   * their marks.
   */
  constructor(path: string, token: string, cgroup: string | undefined) {
    this.#path = path;
    try {
      this.#fd = openSync(path, "wx", 0o600);
      const folder = cgroup === undefined ? "-" : encodeURIComponent(cgroup);
      writeSync(this.#fd, `${FORMAT} ${readBootId() || "-"} ${token} ${folder}\n`);
    } catch {
      this.#close();
    }
  }

  /** Records the shell of a step. */
  leader(process: NotedProcess): void {
    this.#write(`+ ${process.pid} ${process.startTime}\n`);
  }

  /** Records that a shell's group has no more members. */
  groupEnded(pid: number): void {
    this.#write(`- ${pid}\n`);
  }

  member(process: NotedProcess): void {
    this.#write(`m ${process.pid} ${process.startTime}\n`);
  }

  /** Call when nothing runs any more. */
  remove(): void {
    this.#close();
    try {
      removeFile(this.#path);
    } catch {
      // A folder that was made inaccessible or moved: the evidence reports it, and recovery removes the notes.
    }
  }

  #write(line: string): void {
    if (this.#fd === undefined) return;
    try {
      writeSync(this.#fd, line);
    } catch {
      // A full disk. The control group and the marks still work.
      this.#close();
    }
  }

  #close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    closeSync(fd);
  }
}

/** Reads a run's notes; `undefined` if there are none. A truncated last line is ignored. */
export function readRunNotes(path: string): SeenNotes | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const [head = "", ...lines] = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const [format, boot, token = "", folder = "-"] = head.split(" ");
  // A file that came with a clone cannot contain a matching 128-bit token and boot id by accident.
  if (format !== FORMAT || !/^[0-9a-f]{32}$/.test(token)) return undefined;
  const leaders = new Map<number, NotedProcess>();
  const members: NotedProcess[] = [];
  for (const line of lines) {
    const [, kind, number, startTime = ""] = line.match(/^([-+m]) (\d+)(?: (\d*))?$/) ?? [];
    const pid = Number(number);
    // 0 and 1 have a special meaning as signal targets.
    if (kind === undefined || pid < 2) continue;
    if (kind === "+") leaders.set(pid, { pid, startTime });
    else if (kind === "-") leaders.delete(pid);
    else members.push({ pid, startTime });
  }
  const cgroup = decode(folder);
  const sameBoot = boot !== "-" && boot === readBootId();
  return {
    token,
    // Only a folder that a run created: processes in any other folder must not be ended.
    ...(sameBoot && cgroup !== undefined && basename(cgroup) === cgroupName(token) && { cgroup }),
    sameBoot,
    leaders: [...leaders.values()],
    members,
  };
}

function decode(folder: string): string | undefined {
  try {
    return folder === "-" ? undefined : decodeURIComponent(folder);
  } catch {
    return undefined;
  }
}
