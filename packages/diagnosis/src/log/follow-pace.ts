import { waitForChange } from "./wait-for-change.ts";

/** How a run under way is followed. */
export interface FollowOptions {
  /** Ends the following when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether the process that runs it is alive, asked when nothing came for a
   * while; `undefined` where that is not known. Default: not known, and then
   * only the end of the run or the signal ends the following.
   */
  readonly isAlive?: (() => boolean | undefined | Promise<boolean | undefined>) | undefined;
  /** Milliseconds between two looks where the system does not report changes. Default: 100. */
  readonly pollMs?: number | undefined;
}

const POLL_MS = 100;

/** Looks without news after which the run's process is asked for. */
const QUIET_LOOKS = 10;

/** When a run that is followed is looked at again, and whether anybody still writes it. */
export class FollowPace {
  readonly #options: FollowOptions;
  #quietLooks = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  /**
   * Whether the process of the run is gone; asked only when nothing came for a while. What it wrote last is on disk
   * by then, and takes one more look.
   */
  async isGone(hasNews: boolean): Promise<boolean> {
    this.#quietLooks = hasNews ? 0 : this.#quietLooks + 1;
    if (this.#quietLooks < QUIET_LOOKS) return false;
    this.#quietLooks = 0;
    return (await this.#options.isAlive?.()) === false;
  }

  /** Waits for something to change in one of these directories; not at all after news, which may not be all. */
  async wait(directories: () => readonly string[], hasNews: boolean): Promise<void> {
    const { signal, pollMs = POLL_MS } = this.#options;
    if (!hasNews) await waitForChange(directories(), { ms: pollMs, ...(signal !== undefined && { signal }) });
  }
}
