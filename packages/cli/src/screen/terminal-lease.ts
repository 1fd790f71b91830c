import type { Presenter } from "../terminal/presenter.ts";
import type { Keyboard, Terminal } from "../terminal/terminal.ts";

type Listener = (chunk: Uint8Array | string) => void;

/** Who has the terminal: the screen, lines of the run with a key that brings the screen back, somebody else, or its owner again. */
export type Lease =
  | { readonly kind: "screen" }
  | { readonly kind: "stream"; readonly onKey: Listener }
  | { readonly kind: "lent" }
  | { readonly kind: "closed" };

/** What a lease needs to take the terminal and to give it back. */
export interface LeaseOptions {
  readonly stdin: Keyboard;
  readonly stdout: Terminal;
  readonly presenter: Presenter;
  /** What takes the screen, and what gives it back. */
  readonly enterSequence: () => string;
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

  /** Gives the terminal to somebody else, until it is taken again. */
  lend(): void {
    this.#giveBack();
    this.#lease = { kind: "lent" };
  }

  /** Gives the screen back and waits for a key. */
  stream(onKey: Listener): void {
    const { stdin } = this.#options;
    this.#giveBack();
    this.#lease = { kind: "stream", onKey };
    stdin.setRawMode(true);
    stdin.on("data", onKey);
    stdin.resume();
  }

  /** Gives the terminal back for good. Synchronous; once it was called, again does nothing. */
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
