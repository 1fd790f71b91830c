import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { err, ok, unreachable, type Result } from "@loom/core";
import { errnoCode, removeFile, systemErrorReason } from "@loom/system";
import {
  MAX_REQUEST,
  CONTROL_VERSION,
  parseRequest,
  REQUESTS,
  type ControlAction,
  type ControlError,
  type Requester,
  type ShellRequest,
} from "./protocol.ts";
import { withSocketPath } from "./socket-path.ts";

/** What a channel speaks for. */
export interface ControlledRun {
  /** The run as it is now; to be written as JSON. */
  state(): object;
  /** The records from a `seq` on, in order, then those that come, until the run is over or the signal aborts. */
  events(from: number, signal: AbortSignal): AsyncIterable<object>;
  /** What starts a shell in the place of a job, to be written as JSON; or why there is none. Default: there is none. */
  shell?(request: ShellRequest): Promise<Result<object, ControlError>>;
  /** @returns Why it is not done; nothing once it is on its way, and recorded. */
  act(action: ControlAction, by: Requester | undefined): ControlError | undefined;
}

/** A channel that listens. */
export interface ControlServer {
  /**
   * Removes the socket and takes no more requests. Who follows the records gets
   * the last of them, unless they are read too slowly. Resolves within a second.
   */
  close(): Promise<void>;
}

/** More than ask at a time. */
const MAX_CONNECTIONS = 32;

/** How long a run that is over waits for those who follow it. Unit: milliseconds. */
const FAREWELL_MS = 900;

/**
 * Listens for what is asked of a run, one JSON object a line each way, on a
 * socket that its owner alone may use. It keeps no process alive.
 *
 * @param path - Where the socket will be. Absolute; one that a killed run has left there is replaced.
 * @returns Why nobody can ask: a clause.
 */
export async function openControlServer(
  path: string,
  run: ControlledRun,
): Promise<Result<ControlServer, string>> {
  const talks = new Set<Conversation>();
  const server = createServer((socket) => {
    const talk = new Conversation(socket, run);
    talks.add(talk);
    socket.once("close", () => talks.delete(talk));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.unref();
  try {
    removeFile(path);
    await listen(server, path);
    chmodSync(path, 0o600);
  } catch (cause) {
    server.close();
    return err(systemErrorReason(cause));
  }
  return ok({
    close: async () => {
      server.close();
      removeSocket(path);
      await Promise.all([...talks].map(async (talk) => talk.end()));
    },
  });
}

/** A socket that cannot be removed, as in a folder that a job has closed, harms nobody: it goes with the notes of its run. */
function removeSocket(path: string): void {
  try {
    removeFile(path);
  } catch (cause) {
    if (errnoCode(cause) === undefined) throw cause;
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", resolve);
    withSocketPath(path, (short) => server.listen(short));
  });
  // What happens to one connection later is that connection's business.
  server.on("error", () => undefined);
}

/** One connection: requests are answered in their order; after `events` it only speaks. */
class Conversation {
  readonly #socket: Socket;
  readonly #run: ControlledRun;
  readonly #gone = new AbortController();
  #pending = "";
  /** Requests that are not answered yet. */
  readonly #lines: string[] = [];
  #isBusy = false;
  /** Resolves when there is nothing more to follow; absent where nobody asked for it. */
  #following: Promise<void> | undefined;

  constructor(socket: Socket, run: ControlledRun) {
    this.#socket = socket;
    this.#run = run;
    socket.unref();
    socket.setEncoding("utf8");
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#gone.abort());
    socket.on("data", (text: string) => this.#take(text));
  }

  /** Ends when the follower has had the last record, or time is up; at once where nobody follows. */
  async end(): Promise<void> {
    const timer = setTimeout(() => this.#gone.abort(), FAREWELL_MS);
    await this.#following;
    clearTimeout(timer);
    this.#socket.destroySoon();
  }

  #take(text: string): void {
    const lines = (this.#pending + text).split("\n");
    this.#pending = lines.pop() ?? "";
    this.#lines.push(...lines);
    this.#answerNext();
    if (this.#pending.length <= MAX_REQUEST) return;
    this.#say({ ok: false, error: { code: "BAD_REQUEST", message: "the request is too long" } });
    this.#socket.destroySoon();
  }

  /** One after the other: a request that takes a while keeps those behind it waiting. */
  #answerNext(): void {
    while (!this.#isBusy && this.#following === undefined) {
      const line = this.#lines.shift();
      if (line === undefined) return;
      this.#answerSafely(line);
    }
  }

  async #answerShell(request: ShellRequest): Promise<void> {
    this.#isBusy = true;
    try {
      const shell = (await this.#run.shell?.(request)) ?? err(NO_SHELL);
      this.#say(shell.ok ? { ok: true, shell: shell.value } : { ok: false, error: shell.error });
    } catch (cause) {
      this.#say({ ok: false, error: failed(cause) });
    }
    this.#isBusy = false;
    this.#answerNext();
  }

  /** Whoever asks can do no harm to the run that is asked. */
  #answerSafely(line: string): void {
    try {
      this.#answer(line);
    } catch (cause) {
      this.#say({ ok: false, error: failed(cause) });
    }
  }

  #answer(line: string): void {
    const parsed = parseRequest(line);
    if (!parsed.ok) return this.#say({ ok: false, error: parsed.error });
    const { value } = parsed;
    switch (value.request) {
      case "hello":
        return this.#say({ ok: true, version: CONTROL_VERSION, requests: REQUESTS });
      case "state":
        return this.#say({ ok: true, state: this.#run.state() });
      case "shell":
        void this.#answerShell(value);
        return undefined;
      case "events":
        this.#following = this.#follow(value.from);
        return undefined;
      case "cancel":
      case "pause":
      case "cancel_job":
      case "play":
      case "retry_step":
      case "continue": {
        const { by, ...action } = value;
        const error = this.#run.act(action, by);
        return this.#say(error === undefined ? { ok: true } : { ok: false, error });
      }
      default:
        return unreachable(value);
    }
  }

  /** As fast as it is read: a reader that pauses costs no memory. */
  async #follow(from: number): Promise<void> {
    const { signal } = this.#gone;
    try {
      for await (const event of this.#run.events(from, signal)) {
        if (signal.aborted) return;
        if (this.#socket.write(`${JSON.stringify(event)}\n`)) continue;
        await new Promise<void>((resolve) => {
          const goOn = (): void => {
            this.#socket.off("drain", goOn);
            signal.removeEventListener("abort", goOn);
            resolve();
          };
          this.#socket.once("drain", goOn);
          signal.addEventListener("abort", goOn, { once: true });
        });
      }
    } catch (cause) {
      this.#say({ ok: false, error: failed(cause) });
    }
    this.#socket.end();
  }

  #say(reply: object): void {
    this.#socket.write(`${JSON.stringify(reply)}\n`);
  }
}

const NO_SHELL: ControlError = { code: "NO_SHELL", message: "There is no way to open a shell there" };

function failed(cause: unknown): ControlError {
  return { code: "REQUEST_FAILED", message: `the request failed: ${systemErrorReason(cause)}` };
}
