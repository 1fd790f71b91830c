import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { errnoCode, processView, systemErrorReason } from "@loom/system";
import type { OutputReader } from "./output-reader.ts";
import { pipeFolderPrefix } from "./pipe-folder.ts";

/** How many pipes one call of `mkfifo` creates: outputs for eight concurrent steps, at about the cost of one pipe. */
const BATCH_SIZE = 16;

/**
 * Opens a file only as a handle. The value is the same on every Linux architecture that Node supports;
 * `node:fs` has no constant for it.
 */
const O_PATH = 0o10000000;

/** Size of a Linux pipe, so that one read empties it. */
const READ_BYTES = 64 * 1024;

/** Settings of a pool. */
export interface FifoPoolOptions {
  /** `PATH` on which to look for `mkfifo`. */
  readonly path: string | undefined;
  /** Folder for short-lived files. */
  readonly tempFolder: string;
}

/**
 * A pool of real pipes for step outputs.
 *
 * On Linux, Node's pipes are sockets, and a socket cannot be opened through `/dev/stdout` or `/dev/stderr`: a
 * step that writes there would fail with "No such device or address". Real pipes can, and reading them into one
 * buffer takes half the CPU time. Node has no API for anonymous pipes, so named ones are made in a private
 * folder, opened, and unlinked at once: nothing is left on disk, whatever happens later.
 *
 * A pipe returns to the pool only after end-of-file, when nobody can write to it any more.
 */
export class FifoPool {
  readonly #options: FifoPoolOptions;
  readonly #free: number[] = [];
  #refilling: Promise<void> | undefined;
  #unavailable = processView() !== "proc";
  #problem: string | undefined;
  #buffer: Buffer | undefined;

  constructor(options: FifoPoolOptions) {
    this.#options = options;
  }

  /** Why no pipes are available, returned only once; `undefined` if they are available or not expected. */
  takeProblem(): string | undefined {
    const problem = this.#problem;
    this.#problem = undefined;
    return problem;
  }

  /** Creates pipes ahead of the first `takePair`, which would otherwise wait for them. */
  async warm(): Promise<void> {
    if (this.#free.length === 0 && !this.#unavailable) await this.#refill();
  }

  /**
   * Takes two pipes for the outputs of one step; `undefined` if none are available (no `/proc`, no `mkfifo`).
   *
   * Rejects with a system error when no more files can be opened.
   */
  async takePair(): Promise<readonly [Fifo, Fifo] | undefined> {
    for (;;) {
      const first = this.#free.pop();
      const second = this.#free.pop();
      if (first !== undefined && second !== undefined) return this.#openPair(first, second);
      if (first !== undefined) this.#free.push(first);
      if (this.#unavailable) return undefined;
      await this.#refill();
    }
  }

  /** Puts back a pipe that nobody can write to any more. */
  giveBack(handle: number): void {
    this.#free.push(handle);
  }

  /** Shared by all pipes: each chunk is handed on before the next is read. */
  get buffer(): Buffer {
    this.#buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    return this.#buffer;
  }

  #openPair(first: number, second: number): readonly [Fifo, Fifo] {
    let opened: Fifo | undefined;
    try {
      opened = new Fifo(first, this);
      return [opened, new Fifo(second, this)];
    } catch (error) {
      if (opened === undefined) this.giveBack(second);
      else opened.discard();
      throw error;
    }
  }

  #refill(): Promise<void> {
    this.#refilling ??= makeFifos(this.#options)
      .then(
        (handles) => {
          this.#free.push(...handles);
        },
        (error: unknown) => {
          // No mkfifo, no space or no /proc: Node's pipes work too, except for /dev/stdout and /dev/stderr.
          this.#unavailable = true;
          this.#problem = systemErrorReason(error);
        },
      )
      .finally(() => {
        this.#refilling = undefined;
      });
    return this.#refilling;
  }
}

/** One pipe of a pool, in use by one output of one step. */
export class Fifo {
  readonly #handle: number;
  readonly #pool: FifoPool;
  readonly #readFd: number;
  #writeFd: number | undefined;

  /** @throws A system error when no more files can be opened. */
  constructor(handle: number, pool: FifoPool) {
    const path = `/proc/self/fd/${handle}`;
    this.#handle = handle;
    this.#pool = pool;
    this.#readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      this.#writeFd = openSync(path, constants.O_WRONLY);
    } catch (error) {
      closeSync(this.#readFd);
      pool.giveBack(handle);
      throw error;
    }
  }

  /** The end that the process writes to; available until `closeWriteEnd`. */
  get writeFd(): number {
    if (this.#writeFd === undefined) throw new Error("The write end of the pipe is closed already");
    return this.#writeFd;
  }

  /** Under which absolute path another process opens it. */
  get path(): string {
    return `/proc/${process.pid}/fd/${this.#handle}`;
  }

  /** Closes our write end, so that only the process holds one and end-of-file is seen. */
  closeWriteEnd(): void {
    if (this.#writeFd !== undefined) closeSync(this.#writeFd);
    this.#writeFd = undefined;
  }

  /** Closes both ends of a pipe that was not passed to a process. */
  discard(): void {
    this.closeWriteEnd();
    closeSync(this.#readFd);
    this.#pool.giveBack(this.#handle);
  }

  /** Reads to the end, or until the reader stops. */
  readInto(reader: OutputReader): void {
    const buffer = this.#pool.buffer;
    let stopped = false;
    const socket = new Socket({
      fd: this.#readFd,
      readable: true,
      writable: false,
      onread: { buffer, callback: (length) => reader.take(buffer.subarray(0, length)) },
    });
    reader.attach({
      resume: () => void socket.resume(),
      destroy() {
        stopped = true;
        socket.destroy();
      },
    });
    socket.once("error", (error) => {
      stopped = true;
      reader.fail(error);
    });
    socket.once("close", () => {
      if (stopped) closeSync(this.#handle);
      else this.#pool.giveBack(this.#handle);
      reader.closed();
    });
    socket.resume();
  }
}

async function makeFifos(options: FifoPoolOptions): Promise<number[]> {
  const folder = mkdtempSync(join(options.tempFolder, pipeFolderPrefix(process.pid)));
  const paths = Array.from({ length: BATCH_SIZE }, (_, index) => join(folder, String(index)));
  try {
    const child = spawn("mkfifo", paths, {
      stdio: "ignore",
      env: options.path === undefined ? {} : { PATH: options.path },
    });
    const [exitCode] = (await once(child, "exit")) as [number | null];
    if (exitCode !== 0) throw new Error(`mkfifo ended with ${exitCode}`);
    return openAll(paths);
  } finally {
    removeFolder(folder, paths);
  }
}

/** Does not list the folder, as that takes a file descriptor and there may be none left. */
function removeFolder(folder: string, paths: readonly string[]): void {
  for (const remove of [...paths.map((path) => () => unlinkSync(path)), () => rmdirSync(folder)]) {
    try {
      remove();
    } catch (error) {
      // Never created or already gone, which does not matter: the pipes are already open, or there are none.
      if (errnoCode(error) === undefined) throw error;
    }
  }
}

function openAll(paths: readonly string[]): number[] {
  const handles: number[] = [];
  try {
    for (const path of paths) handles.push(openSync(path, O_PATH));
    // Checks that an unlinked pipe can be reopened through its descriptor.
    closeSync(openSync(`/proc/self/fd/${handles[0]}`, constants.O_RDONLY | constants.O_NONBLOCK));
    return handles;
  } catch (error) {
    for (const handle of handles) closeSync(handle);
    throw error;
  }
}
