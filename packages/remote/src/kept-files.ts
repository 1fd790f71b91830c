import { rmSync, statSync } from "node:fs";
import { eachOf } from "./each-of.ts";

/** How many files come at a time for one piece of work. */
const AT_ONCE = 8;

/** Brings a file and gives its absolute path; `undefined` when nobody has it. */
type Fetch = (name: string, signal: AbortSignal | undefined) => Promise<string | undefined>;

/** A file that is there, or on its way. */
interface Kept {
  readonly arrival: Promise<string | undefined>;
  /** How many use it right now. */
  users: number;
  /** Once it is there. */
  file?: { readonly path: string; readonly bytes: number };
}

/** Files that are fetched by their names. Those that were used last stay, so that they need not come again. */
export class KeptFiles {
  readonly #fetch: Fetch;
  readonly #mostBytes: number;
  /** By their names, the one used last at the end. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  /** @param mostBytes - How much stays that nobody uses. 0: nothing. */
  constructor(fetch: Fetch, mostBytes: number) {
    this.#fetch = fetch;
    this.#mostBytes = mostBytes;
  }

  /**
   * Has work done with files, which are there until it is over.
   *
   * @returns What the work gives; else the name of a file that nobody has.
   * @throws What fetching threw, or the work.
   */
  async use<T>(
    names: readonly string[],
    signal: AbortSignal | undefined,
    work: (paths: readonly string[]) => Promise<T>,
  ): Promise<{ readonly done: T } | { readonly missing: string }> {
    const used: Kept[] = [];
    try {
      const paths: string[] = [];
      const arrivals = await eachOf(names, AT_ONCE, async (name) => {
        const kept = this.#take(name, signal);
        used.push(kept);
        return { name, path: await kept.arrival };
      });
      for (const { name, path } of arrivals)
        if (path === undefined) return { missing: name };
        else paths.push(path);
      return { done: await work(paths) };
    } finally {
      await Promise.allSettled(used.map(async ({ arrival }) => await arrival));
      for (const kept of used) kept.users -= 1;
      this.#trim();
    }
  }

  #take(name: string, signal: AbortSignal | undefined): Kept {
    const known = this.#kept.get(name);
    // The one used last goes last.
    this.#kept.delete(name);
    const kept = known ?? this.#fetched(name, signal);
    this.#kept.set(name, kept);
    kept.users += 1;
    return kept;
  }

  #fetched(name: string, signal: AbortSignal | undefined): Kept {
    const arrive = async (): Promise<string | undefined> => {
      let path: string | undefined;
      try {
        path = await this.#fetch(name, signal);
        if (path !== undefined) {
          kept.file = { path, bytes: statSync(path).size };
          this.#bytes += kept.file.bytes;
        }
        return path;
      } finally {
        if (kept.file === undefined) this.#kept.delete(name);
      }
    };
    const kept: Kept = { arrival: arrive(), users: 0 };
    kept.arrival.catch(() => undefined);
    return kept;
  }

  /** Removes what was used longest ago, until no more stays than may. */
  #trim(): void {
    for (const [name, { users, file }] of this.#kept) {
      if (this.#bytes <= this.#mostBytes) return;
      if (users > 0 || file === undefined) continue;
      this.#kept.delete(name);
      this.#bytes -= file.bytes;
      rmSync(file.path, { force: true });
    }
  }
}
