import type { Clock, Leases } from "@loom/ports";
import { encodeMessage } from "./message-codec.ts";

/** Says again and again that somebody is there. */
export class HeldLease {
  readonly #leases: Leases;
  readonly #clock: Pick<Clock, "after">;
  readonly #key: string;
  readonly #value: () => unknown;
  #cancel: (() => void) | undefined;
  #isReleased = false;
  #isDue = false;
  #saying: Promise<void> | undefined;

  /** @param value - What is said about them, asked for each time. */
  constructor(leases: Leases, clock: Pick<Clock, "after">, what: { key: string; value: () => unknown }) {
    this.#leases = leases;
    this.#clock = clock;
    this.#key = what.key;
    this.#value = what.value;
  }

  /** Says it now, and from now on. Resolves when it was said, or could not be. What changes meanwhile is said once, after that. */
  async say(): Promise<void> {
    this.#cancel?.();
    if (this.#isReleased) return;
    this.#isDue = true;
    this.#saying ??= this.#sayWhileDue();
    this.#cancel = this.#clock.after(this.#leases.ttlMs / 3, () => void this.say());
    await this.#saying;
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    this.#cancel?.();
    await this.#saying;
    await this.#leases.release(this.#key).catch(() => undefined);
  }

  async #sayWhileDue(): Promise<void> {
    while (this.#isDue && !this.#isReleased) {
      this.#isDue = false;
      // Where nobody answers it is said again soon.
      await this.#leases.hold(this.#key, encodeMessage(this.#value())).catch(() => undefined);
    }
    this.#saying = undefined;
  }
}
