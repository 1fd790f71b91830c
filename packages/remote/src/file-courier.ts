import { createHash, randomUUID } from "node:crypto";
import { createReadStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { packFiles, packPart, splitFolder, unpackFiles, type CacheError, type FolderPart } from "@loom/cache";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { BlobStore, Clock } from "@loom/ports";
import { errnoCode } from "@loom/system";
import { eachOf } from "./each-of.ts";
import { KeptFiles } from "./kept-files.ts";
import { pause } from "./pause.ts";

/** How long a store may not answer. Milliseconds. A server that died is back by then, or another one has its part. */
const PATIENCE_MS = 60_000;

/** How long to wait before a store that does not answer is asked again. Milliseconds. */
const AGAIN_AFTER_MS = 500;

/** How many parts of a folder are on their way at a time. */
const PARTS_AT_ONCE = 4;

/** What names of files begin with that say what is packed, and those of parts of a folder: then comes its SHA-256. */
const [FILES, PART] = ["files-", "part-"];

/** Files that were sent. */
export interface SentFiles {
  /** What the store has them under: one name, or those of the parts of a folder, in their order. */
  readonly names: readonly string[];
  /** Size on the way, of what was not there already. */
  readonly bytes: number;
}

/** What a courier brings files over. */
export interface CourierOptions {
  readonly blobs: BlobStore;
  /** Absolute path of a folder for files on their way; made where it is not there. */
  readonly folder: string;
  /** Bytes of packed files that are kept there so that they need not come again: those that were used last. Default: 0. */
  readonly keepsBytes?: number | undefined;
  readonly clock: Pick<Clock, "now" | "after">;
}

interface ReceiveOptions {
  readonly links: "all" | "inside";
  readonly times?: "kept" | "now";
  readonly signal?: AbortSignal | undefined;
}

interface SendOptions {
  readonly known?: string | undefined;
  readonly make?: () => Promise<Result<undefined, EventError>>;
  readonly signal?: AbortSignal;
}

/** Brings files of a folder to another machine, over a store that both reach. What is in the store already does not travel again. */
export class FileCourier {
  readonly #options: CourierOptions;
  readonly #kept: KeptFiles;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.#kept = new KeptFiles(
      async (name, signal) => await this.#fetch(name, signal),
      options.keepsBytes ?? 0,
    );
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
    try {
      if (known !== undefined && (await this.#has(known, signal))) return ok({ names: [known], bytes: 0 });
      const made = await make?.();
      if (made?.ok === false) return made;
      return await this.#withPlace(async (archivePath) => {
        const packed = await packFiles({ folder, paths, archivePath, signal });
        if (!packed.ok) return err(told(packed.error));
        const { sha256, bytes } = packed.value;
        const name = known ?? `${FILES}${sha256}`;
        if (known === undefined && (await this.#has(name, signal))) return ok({ names: [name], bytes: 0 });
        await this.#put(name, archivePath, signal);
        return ok({ names: [name], bytes });
      });
    } catch (cause) {
      return err(unreachableStore(cause, signal));
    }
  }

  /** Sends a folder in parts, without the times of its files. Only parts that the store does not have travel. */
  async sendFolder(folder: string, signal?: AbortSignal): Promise<Result<SentFiles, EventError>> {
    const split = await splitFolder({ folder, signal });
    if (!split.ok) return err(told(split.error));
    try {
      const sent = await eachOf(
        split.value,
        PARTS_AT_ONCE,
        async (part) => await this.#sendPart(folder, part, signal),
      );
      const names: string[] = [];
      let bytes = 0;
      for (const one of sent) {
        if (!one.ok) return one;
        names.push(...one.value.names);
        bytes += one.value.bytes;
      }
      return ok({ names, bytes });
    } catch (cause) {
      return err(unreachableStore(cause, signal));
    }
  }

  async #sendPart(
    folder: string,
    part: FolderPart,
    signal: AbortSignal | undefined,
  ): Promise<Result<SentFiles, EventError>> {
    const names = [`${PART}${part.sha256}`] as const;
    if (await this.#has(names[0], signal)) return ok({ names, bytes: 0 });
    return await this.#withPlace(async (archivePath) => {
      const packed = await packPart({ folder, part, archivePath, signal });
      if (!packed.ok) return err(told(packed.error));
      await this.#put(names[0], archivePath, signal);
      return ok({ names, bytes: packed.value.bytes });
    });
  }

  /**
   * Puts files that were sent into a folder: all of them, or none.
   *
   * @param links - Which symbolic links are put there.
   * @param times - `now`: as if they were made now. Default: the times that they had.
   * @returns What was refused and why, one sentence each.
   */
  async receive(
    { names }: SentFiles,
    folder: string,
    { links, times, signal }: ReceiveOptions,
  ): Promise<Result<readonly string[], EventError>> {
    const { clock } = this.#options;
    try {
      const arrived = await this.#kept.use(names, signal, async (paths) => {
        const archives = paths.map((path, index) => ({ path, partSha256: named(PART, names[index]) }));
        return await unpackFiles({ archives, folder, links, times, nowMs: clock.now(), signal });
      });
      if ("missing" in arrived)
        return err({
          code: "transfer_failed",
          message: `The files "${arrived.missing}" are not in the store any more`,
        });
      return arrived.done.ok ? arrived.done : err(told(arrived.done.error));
    } catch (cause) {
      return err(unreachableStore(cause, signal));
    }
  }

  async #has(name: string, signal: AbortSignal | undefined): Promise<boolean> {
    return await this.#patiently(async () => await this.#options.blobs.has(name), signal);
  }

  async #put(name: string, path: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#patiently(async () => await this.#options.blobs.put(name, path), signal);
  }

  async #fetch(name: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const path = this.#place();
    const isThere = await this.#patiently(async () => await this.#options.blobs.get(name, path), signal);
    if (!isThere) return undefined;
    const sha256 = named(FILES, name);
    if (sha256 === undefined || sha256 === (await hashOf(path))) return path;
    rmSync(path, { force: true });
    throw new Error(`the store has something else as "${name}"`);
  }

  async #withPlace<T>(work: (path: string) => Promise<T>): Promise<T> {
    const path = this.#place();
    try {
      return await work(path);
    } finally {
      rmSync(path, { force: true });
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

/** The SHA-256 that a name says. */
function named(prefix: string, name = ""): string | undefined {
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
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
