import { closeSync, openSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { makeDirectories } from "@loom/system";
import { ZSTD_FRAMES } from "../archive/frame-codec.ts";
import { FrameWriter, type WrittenFrames } from "../archive/frame-writer.ts";
import { writeEntries, type WrittenEntries } from "../archive/write-entries.ts";
import { systemFailure, type CacheError } from "../failure/cache-error.ts";
import type { SelectedEntry } from "../select/selected-entry.ts";
import { addressId, type CacheAddress } from "./cache-address.ts";
import { formatEntry, type CacheEntry } from "./cache-entry.ts";
import type { CacheStore } from "./cache-store.ts";
import { entryPath, objectPath, storePaths } from "./store-paths.ts";
import { makeWorkFolder } from "./work-folder.ts";

/** What to put where. */
export interface PutArchive {
  readonly address: CacheAddress;
  readonly workspace: string;
  readonly entries: Iterable<SelectedEntry>;
  readonly signal?: AbortSignal | undefined;
}

/** What was put there. */
export interface PutResult {
  readonly entry: CacheEntry;
  readonly leftOut: readonly string[];
}

/**
 * Writes an archive and stores it under its address, replacing the previous one.
 *
 * Archive and document are written to temporary files and renamed, the archive first: at every moment the
 * address has all of the old archive, all of the new one, or nothing. There is no `fsync`: after a power
 * failure an archive may be damaged, which its checksums detect.
 */
export async function putArchive(
  store: CacheStore,
  { address, workspace, entries, signal }: PutArchive,
): Promise<Result<PutResult, CacheError>> {
  let folder: string | undefined;
  try {
    const paths = storePaths(store);
    folder = makeWorkFolder(`${paths.temporary}/`);
    const archive = `${folder}/archive`;
    const written = await writeArchive(archive, { folder: workspace, entries, signal });
    if (!written.ok) return written;
    const { frames, content } = written.value;
    const entry: CacheEntry = {
      ...address,
      object: frames.sha256,
      bytes: frames.bytes,
      contentBytes: content.bytes,
      files: content.files,
      savedAtMs: store.clock.now(),
    };
    const document = `${folder}/entry`;
    writeFileSync(document, formatEntry(entry));
    utimesSync(document, entry.savedAtMs / 1000, entry.savedAtMs / 1000);
    makeDirectories(paths.objects);
    makeDirectories(paths.entries);
    renameSync(archive, objectPath(store, entry.object));
    renameSync(document, entryPath(store, addressId(address)));
    return ok({ entry, leftOut: content.leftOut });
  } catch (error) {
    return systemFailure("The archive was not written", error);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

async function writeArchive(
  path: string,
  from: { folder: string; entries: Iterable<SelectedEntry>; signal: AbortSignal | undefined },
): Promise<Result<{ frames: WrittenFrames; content: WrittenEntries }, CacheError>> {
  const file = openSync(path, "wx");
  try {
    const sink = new FrameWriter(file, ZSTD_FRAMES);
    try {
      const content = await writeEntries({ ...from, sink });
      return content.ok ? ok({ frames: await sink.end(), content: content.value }) : content;
    } finally {
      await sink.abandon();
    }
  } finally {
    closeSync(file);
  }
}
