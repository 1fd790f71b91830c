import { write, writeSync } from "node:fs";
import type { Clock } from "@loom/ports";
import { errnoCode } from "@loom/system";
import type { FrameTarget } from "./frame-target.ts";

/** How long to wait before retrying a terminal that accepts nothing. Unit: milliseconds; a third of a frame. */
const RETRY_MS = 10;

/** How often `writeNow` tries before it gives up: the process is about to exit and must not hang. */
const LAST_TRIES = 50;

/**
 * Writes to a terminal without blocking on it.
 *
 * `process.stdout.write` to a terminal is synchronous, so a terminal that stops reading would stop the whole process.
 * Here only a thread of the pool waits.
 */
export class AsyncTty implements FrameTarget {
  readonly #descriptor: number;
  readonly #clock: Clock;

  /** @param descriptor - A file descriptor that is open for writing, such as 1. */
  constructor(descriptor: number, clock: Clock) {
    this.#descriptor = descriptor;
    this.#clock = clock;
  }

  write(text: string, done: (gone: boolean) => void): void {
    this.#send(Buffer.from(text, "utf8"), 0, done);
  }

  writeNow(text: string): void {
    let rest = Buffer.from(text, "utf8");
    for (let tries = 0; rest.length > 0 && tries < LAST_TRIES; tries += 1) {
      try {
        rest = rest.subarray(writeSync(this.#descriptor, rest));
      } catch (cause) {
        if (errnoCode(cause) !== "EAGAIN") return;
      }
    }
  }

  #send(bytes: Buffer, from: number, done: (gone: boolean) => void): void {
    write(this.#descriptor, bytes, from, bytes.length - from, null, (error, written) => {
      if (error !== null && error.code !== "EAGAIN" && error.code !== "EINTR") return done(true);
      const next = from + (error === null ? written : 0);
      if (next >= bytes.length) return done(false);
      if (error === null) return this.#send(bytes, next, done);
      this.#clock.after(RETRY_MS, () => this.#send(bytes, next, done));
      return undefined;
    });
  }
}
