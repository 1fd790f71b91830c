import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { packFiles, unpackFiles, type CacheError } from "@loom/cache";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { BlobStore, Clock } from "@loom/ports";
import { errnoCode } from "@loom/system";

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
  readonly clock: Pick<Clock, "now" | "after">;
}

/** Brings files of a folder to another machine, over a store that both reach. What is in the store already does not travel again. */
export class FileCourier {
  readonly #options: CourierOptions;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /**
   * Sends what is at paths of a folder.
   *
   * @param known - Name that stands for these contents: if the store has it, nothing is packed.
   */
  async send(
    folder: string,
    paths: readonly string[],
    { known, signal }: { readonly known?: string | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<Result<SentFiles, EventError>> {
    const { blobs } = this.#options;
    const archivePath = this.#place();
    try {
      const has = async (name: string): Promise<boolean> =>
        await this.#patiently(async () => await blobs.has(name), signal);
      if (known !== undefined && (await has(known))) return ok({ name: known, bytes: 0 });
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
    const { blobs, clock } = this.#options;
    const archivePath = this.#place();
    try {
      const isThere = await this.#patiently(async () => await blobs.get(name, archivePath), signal);
      if (!isThere)
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
      rmSync(archivePath, { force: true });
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
        await new Promise<void>((resolve) => void clock.after(AGAIN_AFTER_MS, resolve));
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
