import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cgroupMembers, isPopulated, killCgroup, removeCgroup } from "./cgroup-folder.ts";
import { findCgroupHome } from "./cgroup-home.ts";

/** What the folder of a run's control group is called. Nothing else may be taken for one. */
export function cgroupName(token: string): string {
  return `loom-${token}`;
}

/** Those that are there, for the end of a program that closes none. An empty group costs nothing, but stays for ever. */
const made = new Set<RunCgroup>();
function removeAll(): void {
  for (const group of made) group.remove();
}

/**
 * The control group of a run, with one for every job that runs below it.
 *
 * A process cannot leave such a group by accident, whatever it does to its
 * session, its parent and its environment. It takes a control group that may
 * be written: root, or one that systemd has delegated.
 */
export class RunCgroup {
  readonly directory: string;
  /** Those that no job uses: making one for each job would cost every job. */
  readonly #free: JobCgroup[] = [];
  #made = 0;
  #usable = true;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** @returns `undefined` where none can be made. */
  static create(token: string, home: string | undefined = findCgroupHome()): RunCgroup | undefined {
    if (home === undefined) return undefined;
    const directory = join(home, cgroupName(token));
    try {
      mkdirSync(directory);
      const group = new RunCgroup(directory);
      if (made.size === 0) process.on("exit", removeAll);
      made.add(group);
      return group;
    } catch {
      return undefined;
    }
  }

  /**
   * Finds out whether processes may be put into groups of ours: some machines show the groups of a host and let nobody
   * in. To be awaited before the first `take`. The kernel takes some 15 ms for the first move of a process.
   */
  async tryToEnter(): Promise<void> {
    try {
      await moveSleeper(join(this.directory, "probe"));
    } catch {
      this.#usable = false;
    }
  }

  /** A group for one job; `undefined` when none can be had. */
  take(): JobCgroup | undefined {
    if (!this.#usable) return undefined;
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const directory = join(this.directory, `job-${this.#made + 1}`);
    try {
      mkdirSync(directory);
      this.#made += 1;
      return new JobCgroup(directory);
    } catch {
      this.#usable = false;
      return undefined;
    }
  }

  /** Takes a group back whose job is over. One that something is left in is not used again. */
  giveBack(group: JobCgroup): void {
    if (!isPopulated(group.directory)) this.#free.push(group);
  }

  /** Whether anything runs in it. */
  get isPopulated(): boolean {
    return isPopulated(this.directory);
  }

  members(): number[] {
    return cgroupMembers(this.directory);
  }

  kill(): void {
    killCgroup(this.directory);
  }

  /** Removes what nothing runs in. */
  remove(): void {
    this.#usable = false;
    this.#free.length = 0;
    removeCgroup(this.directory);
    // What is still ending keeps a group for a moment: then it is removed at the end of the program.
    if (!existsSync(this.directory)) made.delete(this);
    if (made.size === 0) process.off("exit", removeAll);
  }
}

/**
 * Rejects where no process may be put into a group of ours: a sleeping one is
 * tried, as it costs nothing to lose. It has a group of its own: killed, it is
 * still in it for a moment, and must not be taken for what a job has left.
 */
async function moveSleeper(directory: string): Promise<void> {
  mkdirSync(directory);
  const sleeper = spawn("/bin/sleep", ["60"], { stdio: "ignore", env: {} });
  sleeper.on("error", () => undefined);
  if (sleeper.pid === undefined) return;
  try {
    await writeFile(join(directory, "cgroup.procs"), String(sleeper.pid));
  } finally {
    sleeper.kill("SIGKILL");
  }
}

/** The control group of one job. */
export class JobCgroup {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * How a shell is started so that it is in the group before its first command.
   *
   * A shell that is put there by loom has run for milliseconds by then, in
   * which a program may have become a daemon: so it goes by itself. The shell
   * proper takes its place, with its number.
   *
   * @param args - Those of the shell.
   */
  argsToEnter(shell: string, args: readonly string[]): readonly string[] {
    // 0 is whoever writes. A kernel that refuses is no reason to fail: there are other ways to be found.
    const enter = '{ echo 0 >"$1"; } 2>/dev/null; shift; exec "$0" "$@"';
    return ["-c", enter, shell, join(this.directory, "cgroup.procs"), ...args];
  }

  get isPopulated(): boolean {
    return isPopulated(this.directory);
  }

  members(): number[] {
    return cgroupMembers(this.directory);
  }

  kill(): void {
    killCgroup(this.directory);
  }
}
