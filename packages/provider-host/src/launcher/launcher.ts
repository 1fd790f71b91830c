import { spawn, type ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { getSystemErrorName } from "node:util";
import type { ProcessEnd } from "@loom/ports";
import { signalName } from "@loom/system";
import { LAUNCHER_PROGRAM } from "./launcher-program.ts";

/** A process to start. */
export interface LaunchRequest {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Absolute path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute paths of what it writes to. */
  readonly outputs: readonly [string, string];
  /** Absolute path of the list of members of the control group that it enters before it becomes the program. */
  readonly group: string;
}

/** A process that was started. */
export interface StartedProcess {
  /** Also the id of its group and of its session. */
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
}

/** What a launcher says, each on a line: of a number, what it is depends on the word. */
type Answer = "ready" | "started" | "failed" | "unable" | "ended";

/** How long it may take to end by itself. Unit: milliseconds; it takes one or two. */
const CLOSE_MS = 500;

/**
 * A small process that starts others in our place, one at a time.
 *
 * A fork copies the page tables of the process that forks, and Loom has many: it takes several times as long as the
 * start of the shell itself. What a launcher starts has the same session, group, environment, outputs and end as what
 * Loom starts.
 *
 * It ends when Loom does, at the latest with the process that it waits for.
 *
 * To the launcher go messages: their length and then their fields, each after its length; first the environment, then
 * one for each process. Back come lines: `ready 0`, then for each process `unable ERRNO` (it came to no process),
 * `failed ERRNO` (that could not become the program), or `started PID` and later `ended STATUS`, where the status is
 * that of `waitpid`.
 */
export class Launcher {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #child: ChildProcess;
  readonly #requests: Writable | null;
  readonly #answers: Readable | null;
  readonly #onChange: (isWaiting: boolean) => void;
  readonly #closed: Promise<void>;
  #text = "";
  #onStarted: ((started: StartedProcess | Error | undefined) => void) | undefined;
  #running: { readonly pid: number; readonly end: (end: ProcessEnd) => void } | undefined;
  #isGone = false;

  /**
   * @param program - Absolute path of `perl`.
   * @param env - The environment of what is started, as far as a request does not say other values.
   * @param onChange - Called with true each time when it waits for a request, and at last with false, when it has ended.
   */
  constructor(
    program: string,
    env: Readonly<Record<string, string | undefined>>,
    onChange: (isWaiting: boolean) => void,
  ) {
    this.#env = env;
    this.#onChange = onChange;
    // Without variables: some change what Perl does. In the root folder: it must keep none in use.
    this.#child = spawn(program, ["-f", "-e", LAUNCHER_PROGRAM], {
      cwd: "/",
      env: {},
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    this.#closed = new Promise((resolve) => {
      const lost = (): void => {
        this.#lost();
        resolve();
      };
      this.#child.once("error", lost);
      this.#child.once("close", lost);
    });
    // There are none where the process could not be started. That is told above, and so is the end of one.
    this.#requests = this.#child.stdin;
    this.#answers = this.#child.stdout;
    this.#requests?.on("error", () => undefined);
    this.#answers?.setEncoding("latin1").on("data", (text: string) => this.#read(text));
    this.#keepAlive(false);
    this.#send(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [name, value])));
  }

  /**
   * Starts a process.
   *
   * @returns An error with the system's code where that was refused; `undefined` where it came to no process, or would
   *   not be the process that Loom would start: then another way may be tried.
   */
  async launch({
    program,
    args,
    cwd,
    env,
    outputs,
    group,
  }: LaunchRequest): Promise<StartedProcess | Error | undefined> {
    if (this.#isGone) return undefined;
    const changed = Object.entries(env).flatMap(([name, value]) =>
      value === undefined || this.#env[name] === value ? [] : [name, value],
    );
    const isLess = Object.entries(this.#env).some(
      ([name, value]) => value !== undefined && env[name] === undefined,
    );
    // It cannot take variables away, and does not check texts.
    if (isLess || [program, ...args, cwd, ...changed].some((text) => text.includes("\0"))) {
      this.#onChange(true);
      return undefined;
    }
    this.#keepAlive(true);
    return await new Promise((resolve) => {
      this.#onStarted = resolve;
      this.#send([...outputs, group, cwd, program, String(changed.length / 2), ...changed, ...args]);
    });
  }

  /** Ends it. Call it when what it started has ended. */
  async close(): Promise<void> {
    this.#keepAlive(true);
    this.#requests?.end();
    // It may not answer: somebody stopped it, or its program lies on a disk that hangs.
    const late = setTimeout(() => this.#child.kill("SIGKILL"), CLOSE_MS);
    await this.#closed;
    clearTimeout(late);
  }

  #send(fields: readonly string[]): void {
    const sizes = fields.map((field) => Buffer.byteLength(field));
    const size = sizes.reduce((sum, each) => sum + 4 + each, 0);
    const message = Buffer.allocUnsafe(4 + size);
    let at = message.writeUInt32BE(size);
    fields.forEach((field, index) => {
      at = message.writeUInt32BE(sizes[index] ?? 0, at);
      at += message.write(field, at);
    });
    this.#requests?.write(message);
  }

  #read(text: string): void {
    const lines = (this.#text + text).split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) {
      const [word, number] = line.split(" ");
      this.#take(word as Answer, Number(number));
    }
  }

  #take(answer: Answer, number: number): void {
    switch (answer) {
      case "started": {
        const ended = new Promise<ProcessEnd>((resolve) => {
          this.#running = { pid: number, end: resolve };
        });
        return this.#started({ pid: number, ended });
      }
      case "failed": {
        const code = getSystemErrorName(-number);
        this.#started(Object.assign(new Error(`The process was refused (${code})`), { code }));
        return this.#waits();
      }
      case "unable":
        this.#started(undefined);
        return this.#waits();
      case "ended":
        this.#running?.end(processEnd(number));
        this.#running = undefined;
        return this.#waits();
      case "ready":
        return this.#waits();
    }
  }

  #started(started: StartedProcess | Error | undefined): void {
    this.#onStarted?.(started);
    this.#onStarted = undefined;
  }

  #waits(): void {
    this.#keepAlive(false);
    this.#onChange(true);
  }

  /** How what it waited for ends cannot be known any more, so that is ended. */
  #lost(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    // Whether it came to a process is not known either.
    this.#started(new Error("The process that starts others has ended"));
    if (this.#running !== undefined) {
      const { pid, end } = this.#running;
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // It has ended.
      }
      end({ kind: "signaled", signal: "SIGKILL" });
    }
    this.#onChange(false);
  }

  /** Whether something is waited for: an idle launcher does not keep Loom from its end. */
  #keepAlive(isNeeded: boolean): void {
    for (const handle of [
      this.#child,
      this.#requests,
      this.#answers,
    ] as readonly (Partial<Handle> | null)[]) {
      if (isNeeded) handle?.ref?.();
      else handle?.unref?.();
    }
  }
}

/** What can keep a program from its end. */
interface Handle {
  ref(): void;
  unref(): void;
}

/** What a status of `waitpid` says. */
function processEnd(status: number): ProcessEnd {
  const number = status & 127;
  if (number === 0) return { kind: "exited", exitCode: status >> 8 };
  const signal = signalName(number);
  if (signal !== undefined) return { kind: "signaled", signal };
  // A signal without a name: as shells say it.
  return { kind: "exited", exitCode: 128 + number };
}
