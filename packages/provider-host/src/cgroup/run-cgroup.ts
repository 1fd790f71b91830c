import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cgroupMembers, isPopulated, killCgroup, removeCgroup } from "./cgroup-folder.ts";
import { findCgroupHome } from "./cgroup-home.ts";

/** The folder name of a run's control group. No other folder may be treated as one. */
export function cgroupName(token: string): string {
  return `loom-${token}`;
}

/**
 * Existing groups, removed at exit if the program does not close them. An empty group costs nothing, but stays
 * forever.
 */
const made = new Set<RunCgroup>();
function removeAll(): void {
  for (const group of made) group.remove();
}

/**
 * A run's control group, with one below it for every running job.
 *
 * A process cannot leave such a group by accident, whatever it does to its session, parent or environment. This
 * requires a writable control group: as root, or delegated by systemd.
 */
export class RunCgroup {
  readonly directory: string;
  /** Groups for reuse: creating one for each job would cost time in every job. */
  readonly #free: JobCgroup[] = [];
  #made = 0;
  #usable = true;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** @returns `undefined` where none can be created. */
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
   * Checks whether processes can be moved into our groups: some machines show the host's groups but do not
   * allow it. Await it before the first `take`. The kernel takes about 15 ms to move the first process.
   */
  async tryToEnter(): Promise<void> {
    try {
      await moveSleeper(join(this.directory, "probe"));
    } catch {
      this.#usable = false;
    }
  }

  /** Takes a group for one job; `undefined` if there is none. */
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

  /** Puts back the group of a finished job. It is not reused if it still has processes. */
  giveBack(group: JobCgroup): void {
    if (!isPopulated(group.directory)) this.#free.push(group);
  }

  /** Whether it has a live process. */
  get isPopulated(): boolean {
    return isPopulated(this.directory);
  }

  members(): number[] {
    return cgroupMembers(this.directory);
  }

  kill(): void {
    killCgroup(this.directory);
  }

  /** Removes all empty groups. */
  remove(): void {
    this.#usable = false;
    this.#free.length = 0;
    removeCgroup(this.directory);
    // A process that is still exiting keeps its group for a moment; then the group is removed at exit.
    if (!existsSync(this.directory)) made.delete(this);
    if (made.size === 0) process.off("exit", removeAll);
  }
}

/**
 * Rejects if processes cannot be moved into our groups, by trying it with a `sleep`. That gets a group of its
 * own: after the kill it stays there for a moment, and must not be mistaken for a job's leftover.
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

/**
 * Enters the group whose list of processes is the shell's first argument, and takes that argument away. 0 means the
 * writer. It is fine if the kernel refuses: there are other ways to find the process.
 */
const ENTER = '{ echo 0 >"$1"; } 2>/dev/null || :; shift';

/** A job's control group. */
export class JobCgroup {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * Arguments for a POSIX shell that enters the group and becomes a program.
   *
   * If Loom moved the program, it would already have run for milliseconds, enough to become a daemon. So a shell
   * moves itself, and then executes the program, with the same pid.
   *
   * @param program - Absolute path.
   */
  argsToEnter(program: string, args: readonly string[]): readonly string[] {
    return ["-c", `${ENTER}; exec "$0" "$@"`, program, this.processes, ...args];
  }

  /**
   * Arguments for a POSIX shell that enters the group and then runs its own script. A second program would take as long
   * to start as the first.
   *
   * The script begins on the same line, so that lines in the shell's messages have the same numbers.
   *
   * @param shell - Absolute path.
   * @param args - The last one is the script.
   */
  argsToEnterFirst(shell: string, args: readonly string[]): readonly string[] {
    return [...args.slice(0, -1), `${ENTER}; ${args.at(-1) ?? ""}`, shell, this.processes];
  }

  /** Absolute path of the list of its members. Whoever writes 0 to it enters. */
  get processes(): string {
    return join(this.directory, "cgroup.procs");
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
