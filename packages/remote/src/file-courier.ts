import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packFiles, unpackFiles, type CacheError } from "@loom/cache";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { BlobStore, Clock } from "@loom/ports";
import { errnoCode } from "@loom/system";
import { pause } from "./pause.ts";

/** How long a store may not answer. Milliseconds. A server that died is back by then, or another one has its part. */
const PATIENCE_MS = 60_000;

/** How long to wait before a store that does not answer is asked again. Milliseconds. */
const AGAIN_AFTER_MS = 500;

/** Files that were sent. */
export interface SentFiles {
  /** What the store has them under. */
  readonly name: string;
  /** Size on the way. */
  readonly bytes: number;
}

/** What a courier brings files over. */
export interface CourierOptions {
  readonly blobs: BlobStore;
  /** Absolute path of a folder for files on their way; made where it is not there. */
  readonly folder: string;
  /** How many of the packed files that came last are kept there, so that they need not come again. Default: none. */
  readonly keeps?: number | undefined;
  readonly clock: Pick<Clock, "now" | "after">;
}

interface SendOptions {
  readonly known?: string | undefined;
  readonly make?: () => Promise<Result<undefined, EventError>>;
  readonly signal?: AbortSignal;
}

/** Brings files of a folder to another machine, over a store that both reach. What is in the store already does not travel again. */
export class FileCourier {
  readonly #options: CourierOptions;
  /** Paths of packed files by their names, the last one used last. */
  readonly #kept = new Map<string, Promise<string | undefined>>();
  /** How many unpack a file right now, by its name. */
  readonly #inUse = new Map<string, number>();

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /**
   * Sends what is at paths of a folder.
   *
   * @param known - Name that stands for these contents: if the store has it, nothing is packed.
   * @param make - Called before anything is packed, where the folder is made for that.
   */
  async send(
    folder: string,
    paths: readonly string[],
    { known, make, signal }: SendOptions = {},
  ): Promise<Result<SentFiles, EventError>> {
    const { blobs } = this.#options;
    const archivePath = this.#place();
    try {
      const has = async (name: string): Promise<boolean> =>
        await this.#patiently(async () => await blobs.has(name), signal);
      if (known !== undefined && (await has(known))) return ok({ name: known, bytes: 0 });
      const made = await make?.();
      if (made?.ok === false) return made;
      const packed = await packFiles({ folder, paths, archivePath, ...(signal && { signal }) });
      if (!packed.ok) return err(told(packed.error));
      const { sha256, bytes } = packed.value;
      const name = known ?? `files-${sha256}`;
      if (known !== undefined || !(await has(name)))
        await this.#patiently(async () => await blobs.put(name, archivePath), signal);
      return ok({ name, bytes });
    } catch (cause) {
      return err(unreachableStore(cause, signal));
    } finally {
      rmSync(archivePath, { force: true });
    }
  }

  /**
   * Puts files that were sent into a folder.
   *
   * @param links - Which symbolic links are put there.
   * @returns What was refused and why, one sentence each.
   */
  async receive(
    { name }: SentFiles,
    folder: string,
    { links, signal }: { readonly links: "all" | "inside"; readonly signal?: AbortSignal },
  ): Promise<Result<readonly string[], EventError>> {
    const { clock } = this.#options;
    let archivePath: string | undefined;
    this.#inUse.set(name, (this.#inUse.get(name) ?? 0) + 1);
    try {
      archivePath = await this.#fetch(name, signal);
      if (archivePath === undefined)
        return err({
          code: "transfer_failed",
          message: `The files "${name}" are not in the store any more`,
        });
      const unpacked = await unpackFiles({
        archivePath,
        folder,
        links,
        nowMs: clock.now(),
        ...(signal && { signal }),
      });
      return unpacked.ok ? unpacked : err(told(unpacked.error));
    } catch (cause) {
      return err(unreachableStore(cause, signal));
    } finally {
      this.#inUse.set(name, (this.#inUse.get(name) ?? 1) - 1);
      if (archivePath !== undefined) this.#drop(name, archivePath);
    }
  }

  /** Where the packed files are; `undefined` when nobody has them. */
  async #fetch(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const { blobs, keeps = 0 } = this.#options;
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      // The last one used goes last.
      this.#kept.delete(name);
      this.#kept.set(name, kept);
      return await kept;
    }
    const path = this.#place();
    const fetched = this.#patiently(async () => await blobs.get(name, path), signal).then((isThere) =>
      isThere ? path : undefined,
    );
    if (keeps === 0) return await fetched;
    this.#kept.set(name, fetched);
    try {
      const found = await fetched;
      if (found === undefined) this.#kept.delete(name);
      return found;
    } catch (cause) {
      this.#kept.delete(name);
      throw cause;
    }
  }

  /** Removes packed files that are not kept, and kept ones for which there are newer ones. */
  #drop(name: string, path: string): void {
    if (!this.#kept.has(name)) {
      this.#inUse.delete(name);
      rmSync(path, { force: true });
    }
    const { keeps = 0 } = this.#options;
    for (const [oldest, fetched] of this.#kept) {
      if (this.#kept.size <= keeps) return;
      if ((this.#inUse.get(oldest) ?? 0) > 0) continue;
      this.#inUse.delete(oldest);
      this.#kept.delete(oldest);
      void fetched.then(
        (old) => old !== undefined && rmSync(old, { force: true }),
        () => undefined,
      );
    }
  }

  /** Asks the store again while it does not answer. What fails on this machine fails at once. */
  async #patiently<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const { clock } = this.#options;
    const untilMs = clock.now() + PATIENCE_MS;
    for (;;)
      try {
        return await ask();
      } catch (cause) {
        const isOver = signal?.aborted === true || clock.now() >= untilMs;
        if (isOver || errnoCode(cause) !== undefined) throw cause;
        await pause(clock, AGAIN_AFTER_MS);
      }
  }

  #place(): string {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true });
    return join(folder, `${randomUUID()}.tar.zst`);
  }
}

function told({ code, message }: CacheError): EventError {
  return code === "CACHE_CANCELLED" ? { code: "cancelled", message } : { code: "transfer_failed", message };
}

function unreachableStore(cause: unknown, signal: AbortSignal | undefined): EventError {
  const why = cause instanceof Error ? cause.message : String(cause);
  if (signal?.aborted === true)
    return { code: "cancelled", message: `Files were not brought to another machine: ${why}` };
  return { code: "transfer_failed", message: `Files could not be brought to another machine: ${why}` };
}
