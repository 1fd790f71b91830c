import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { readBootId, removeFile } from "@loom/system";
import { cgroupName } from "../cgroup/run-cgroup.ts";

/** First word of the file. */
const FORMAT = "loom-processes-1";

/** A process by its number and its start, which together name it until the machine is started again. */
export interface NotedProcess {
  readonly pid: number;
  /** Empty where the system does not say. */
  readonly startTime: string;
}

/** What a run has noted about its processes. */
export interface SeenNotes {
  /** Mark of the run. */
  readonly token: string;
  /** Folder of its control group. */
  readonly cgroup?: string;
  /** Whether the machine has been running since: otherwise no number means anything. */
  readonly sameBoot: boolean;
  /** Shells of steps that lead groups which may have members. */
  readonly leaders: readonly NotedProcess[];
  /** Others that were seen. */
  readonly members: readonly NotedProcess[];
}

/** Notes the processes of a run for those who clean up when loom itself is killed. */
export class RunNotes {
  readonly #path: string;
  #fd: number | undefined;

  /** @param path - Absolute. The folder is there. What cannot be noted is not: marks are looked for even so. */
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

  /** Notes the shell of a step. */
  leader(process: NotedProcess): void {
    this.#write(`+ ${process.pid} ${process.startTime}\n`);
  }

  /** Notes that the group of a shell has no member any more. */
  groupEnded(pid: number): void {
    this.#write(`- ${pid}\n`);
  }

  member(process: NotedProcess): void {
    this.#write(`m ${process.pid} ${process.startTime}\n`);
  }

  /** Nothing runs any more. */
  remove(): void {
    this.#close();
    try {
      removeFile(this.#path);
    } catch {
      // A folder that was closed or moved meanwhile: the evidence says so, and who recovers the run removes the notes.
    }
  }

  #write(line: string): void {
    if (this.#fd === undefined) return;
    try {
      writeSync(this.#fd, line);
    } catch {
      // A full disk. The control group and the marks are there even so.
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

/** Reads the notes of a run; `undefined` when there are none. A line that was cut off is left out. */
export function readRunNotes(path: string): SeenNotes | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const [head = "", ...lines] = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const [format, boot, token = "", folder = "-"] = head.split(" ");
  // A file that came with a clone names no token of 128 bits by accident, and no boot.
  if (format !== FORMAT || !/^[0-9a-f]{32}$/.test(token)) return undefined;
  const leaders = new Map<number, NotedProcess>();
  const members: NotedProcess[] = [];
  for (const line of lines) {
    const [, kind, number, startTime = ""] = line.match(/^([-+m]) (\d+)(?: (\d*))?$/) ?? [];
    const pid = Number(number);
    // 0 and 1 as targets of a signal mean something else.
    if (kind === undefined || pid < 2) continue;
    if (kind === "+") leaders.set(pid, { pid, startTime });
    else if (kind === "-") leaders.delete(pid);
    else members.push({ pid, startTime });
  }
  const cgroup = decode(folder);
  const sameBoot = boot !== "-" && boot === readBootId();
  return {
    token,
    // Only ever what a run has made: whoever is told another folder must not end what is in it.
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
