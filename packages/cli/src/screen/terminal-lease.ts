import type { Presenter } from "../terminal/presenter.ts";
import type { Keyboard, Terminal } from "../terminal/terminal.ts";

type Listener = (chunk: Uint8Array | string) => void;

/** Who has the terminal: the screen; the stream of lines, until a key returns; another program; or the shell again. */
export type Lease =
  | { readonly kind: "screen" }
  | { readonly kind: "stream"; readonly onKey: Listener }
  | { readonly kind: "lent" }
  | { readonly kind: "closed" };

/** What a lease needs to take the terminal and to give it back. The sequences depend on the state at that time. */
export interface LeaseOptions {
  readonly stdin: Keyboard;
  readonly stdout: Terminal;
  readonly presenter: Presenter;
  /** The sequence that sets the terminal up for the screen. */
  readonly enterSequence: () => string;
  /** The sequence that restores the terminal. */
  readonly leaveSequence: () => string;
  readonly onData: Listener;
  readonly onResize: () => void;
}

/** Takes the terminal for the screen, lends it, and gives it back. */
export class TerminalLease {
  readonly #options: LeaseOptions;
  #lease: Lease = { kind: "closed" };

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  get kind(): Lease["kind"] {
    return this.#lease.kind;
  }

  /** Takes the terminal for the screen. */
  take(): void {
    const { stdin, stdout, presenter, enterSequence, onData, onResize } = this.#options;
    if (this.#lease.kind === "stream") stdin.off("data", this.#lease.onKey);
    this.#lease = { kind: "screen" };
    presenter.open(enterSequence());
    stdin.setRawMode(true);
    stdin.on("data", onData);
    stdin.resume();
    stdout.on("resize", onResize);
  }

  /** Gives the terminal to another program, until `take` is called. */
  lend(): void {
    this.#giveBack();
    this.#lease = { kind: "lent" };
  }

  /** Gives the screen back, and listens for a key. */
  stream(onKey: Listener): void {
    const { stdin } = this.#options;
    this.#giveBack();
    this.#lease = { kind: "stream", onKey };
    stdin.setRawMode(true);
    stdin.on("data", onKey);
    stdin.resume();
  }

  /** Gives the terminal back for good. Synchronous; further calls do nothing. */
  close(): void {
    const { kind } = this.#lease;
    if (kind === "closed") return;
    if (kind === "screen") this.#giveBack();
    else if (kind === "stream") this.#stopReading(this.#lease.onKey);
    this.#lease = { kind: "closed" };
  }

  #giveBack(): void {
    const { stdout, presenter, leaveSequence, onData, onResize } = this.#options;
    presenter.close(leaveSequence());
    stdout.off("resize", onResize);
    this.#stopReading(onData);
  }

  #stopReading(listener: Listener): void {
    const { stdin } = this.#options;
    stdin.off("data", listener);
    stdin.setRawMode(false);
    stdin.pause();
  }
}
