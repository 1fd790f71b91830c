import type { Launcher } from "./launcher.ts";
import { findShell } from "../find-shell.ts";

/** How many launchers there may be. Each has some 6 MB. */
const MOST = 16;

/** Launchers of one run: as many as steps run at a time, once it has started enough of them. */
export class LauncherPool {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #launchAfter: number;
  readonly #all = new Set<Launcher>();
  readonly #idle: Launcher[] = [];
  /** Absolute path of `perl`; `undefined` until it is looked for, and false where none is to be started. */
  #program: string | false | undefined;
  #steps = 0;
  #starting: Promise<void> | undefined;

  /**
   * @param env - The environment that all steps begin with.
   * @param launchAfter - How many steps do without.
   */
  constructor(env: Readonly<Record<string, string | undefined>>, launchAfter: number) {
    this.#env = env;
    this.#launchAfter = launchAfter;
  }

  /** Has one ready for the first step where that is to have one. */
  async warm(): Promise<void> {
    if (this.#launchAfter === 0) await this.#open();
  }

  /** Takes one that waits for work, to launch with: it comes back by itself. Nobody waits for one: the next step may have it. */
  take(): Launcher | undefined {
    this.#steps += 1;
    const launcher = this.#idle.pop();
    if (launcher === undefined && this.#steps > this.#launchAfter) void this.#open();
    return launcher;
  }

  /** Ends all of them. Call it when no step runs any more. */
  async close(): Promise<void> {
    this.#program = false;
    this.#idle.length = 0;
    await Promise.all([...this.#all].map(async (launcher) => await launcher.close()));
  }

  #open(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<void> {
    const program = (this.#program ??= this.#find());
    if (program === false || this.#all.size === MOST) return;
    try {
      // Only longer runs need it.
      const { Launcher } = await import("./launcher.ts");
      // Closed meanwhile.
      if (this.#program !== program) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const launcher = new Launcher(program, this.#env, (isWaiting) => {
        resolve();
        if (isWaiting) return void this.#idle.push(launcher);
        this.#all.delete(launcher);
        const at = this.#idle.indexOf(launcher);
        if (at !== -1) this.#idle.splice(at, 1);
        // It cannot run here, or somebody ends it: the steps do without.
        this.#program = false;
      });
      this.#all.add(launcher);
      await promise;
    } catch {
      // The machine is out of something, of which the steps may still have enough.
      this.#program = false;
    }
  }

  #find(): string | false {
    const found = findShell("perl", this.#env["PATH"]);
    return found.ok && found.value;
  }
}
