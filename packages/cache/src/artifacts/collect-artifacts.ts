import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  symlinkSync,
  utimesSync,
  lutimesSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ok, type Result } from "@loom/core";
import { errnoCode, removeAll } from "@loom/system";
import { fileTime } from "../archive/file-time.ts";
import { Yielder } from "../archive/yielder.ts";
import { diskPath, displayName, type ByteName } from "../archive/byte-name.ts";
import { GZIP_MEMBERS } from "../archive/frame-codec.ts";
import { FrameWriter } from "../archive/frame-writer.ts";
import { staysInside } from "../archive/staging-visitor.ts";
import { writeEntries } from "../archive/write-entries.ts";
import { failure, systemFailure, type CacheError } from "../failure/cache-error.ts";
import { hashOpenFile } from "../key/hash-files.ts";
import { selectEntries } from "../select/select-entries.ts";
import type { SelectedEntry } from "../select/selected-entry.ts";

/** What to collect, and where to. */
export interface CollectArtifactsOptions {
  /** Absolute. */
  readonly workspace: string;
  /** Paths and globs relative to the workspace. A folder means everything below it. */
  readonly paths: readonly string[];
  /** Globs of what to leave out. */
  readonly exclude?: readonly string[] | undefined;
  /** Folder for the copies; replaces those of an earlier attempt. Created only when something is collected. */
  readonly directory: string;
  /** File for the archive, `.tar.gz`; replaced in the same way. */
  readonly archivePath: string;
  /** Aborting it ends collection, with nothing collected. */
  readonly signal?: AbortSignal | undefined;
}

/** One regular file that was collected. */
export interface CollectedFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Of the content, in hexadecimal. */
  readonly sha256: string;
}

/** What was collected. */
export interface CollectedArtifacts {
  /** Ordered by the bytes of their paths. */
  readonly files: readonly CollectedFile[];
  /** Symbolic links, in the same order. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
  /** Size of the archive on disk; 0 when nothing was collected and no archive exists. */
  readonly archiveBytes: number;
  /** What a user should know, one sentence each: what matched nothing, what was left out. */
  readonly warnings: readonly string[];
}

/**
 * Copies a job's artifacts to its evidence, and packs them.
 *
 * Files share their blocks with the workspace where the file system supports it (reflink). Hashes and archive
 * are made from the copies, so that all three agree even while something still writes to the workspace. A link
 * that stays inside the workspace is kept as a link; one that does not is left out with a warning. No link is
 * followed.
 */
export async function collectArtifacts(
  options: CollectArtifactsOptions,
): Promise<Result<CollectedArtifacts, CacheError>> {
  const { workspace, paths, exclude = [], directory, archivePath, signal } = options;
  const working = { folder: `${directory}.part`, archive: `${archivePath}.part` };
  try {
    for (const path of [directory, archivePath, working.folder]) removeAll(path);
    const { entries, unmatched, refused } = selectEntries(workspace, { paths, exclude });
    const warnings = [...refused, ...unmatched.map((path) => `"${path}" of the artifacts matches nothing`)];
    const copied = await copyEntries(entries, { from: workspace, to: working.folder, warnings, signal });
    if (copied === undefined)
      return failure("CACHE_CANCELLED", "The artifacts were not collected: cancelled");
    if (copied.length === 0) {
      if (unmatched.length < paths.length) warnings.push("The artifacts match nothing that can be collected");
      return ok({ files: [], links: [], archiveBytes: 0, warnings });
    }
    const files = await hashCopies(working.folder, copied);
    mkdirSync(dirname(archivePath), { recursive: true });
    const packed = await pack(working, copied, signal);
    if (!packed.ok) return packed;
    renameSync(working.archive, archivePath);
    renameSync(working.folder, directory);
    return ok({ files, links: linksOf(directory, copied), archiveBytes: packed.value, warnings });
  } catch (error) {
    return systemFailure("The artifacts were not collected", error);
  } finally {
    for (const path of [working.folder, working.archive]) removeAll(path);
  }
}

interface Copying {
  readonly from: string;
  readonly to: string;
  readonly warnings: string[];
  readonly signal: AbortSignal | undefined;
}

async function copyEntries(
  entries: Iterable<SelectedEntry>,
  copying: Copying,
): Promise<SelectedEntry[] | undefined> {
  const yielder = new Yielder();
  const root = realpathSync(copying.from);
  const made = new Set<ByteName>();
  const copied: SelectedEntry[] = [];
  for (const entry of entries) {
    if (copying.signal?.aborted === true) return undefined;
    if (yielder.isDue) await yielder.yield();
    const problem = await copyEntry(entry, { ...copying, root, made });
    if (problem === "gone") continue;
    if (problem === undefined) copied.push(entry);
    else copying.warnings.push(`"${displayName(entry.name)}" is left out: ${problem}`);
  }
  for (const { name, kind } of copied.toReversed()) {
    if (kind !== "directory") continue;
    const { atimeMs, mtimeMs } = lstatSync(diskPath(copying.from, name));
    utimesSync(diskPath(copying.to, name), fileTime(atimeMs), fileTime(mtimeMs));
  }
  return copied;
}

/** Above this size, a copy without reflink takes so long that it is made in another thread. */
const LARGE_BYTES = 1024 * 1024;

async function copyEntry(
  { name, kind }: SelectedEntry,
  { from, to, root, made }: Copying & { readonly root: string; readonly made: Set<ByteName> },
): Promise<string | undefined> {
  if (kind === "other") return "it is not a file, a folder or a link";
  const source = diskPath(from, name);
  const target = diskPath(to, name);
  const parent = name.slice(0, Math.max(0, name.lastIndexOf("/")));
  if (!made.has(parent)) mkdirSync(diskPath(to, parent), { recursive: true });
  made.add(parent);
  try {
    const { mode, size, atimeMs, mtimeMs } = lstatSync(source);
    if (kind === "symlink") {
      const text = readlinkSync(source, { encoding: "latin1" });
      if (!staysInside(name, text) || leadsOut(source, root))
        return "it is a link that leads out of the workspace";
      symlinkSync(Buffer.from(text, "latin1"), target);
      lutimesSync(target, fileTime(atimeMs), fileTime(mtimeMs));
      return undefined;
    }
    if (kind === "directory") {
      mkdirSync(target, { recursive: true, mode: (mode & 0o777) | 0o700 });
      made.add(name);
      return undefined;
    }
    const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
    if (size > LARGE_BYTES) await copyFile(source, target, COPYFILE_EXCL | COPYFILE_FICLONE);
    else copyFileSync(source, target, COPYFILE_EXCL | COPYFILE_FICLONE);
    if ((mode & 0o7000) !== 0) chmodSync(target, mode & 0o777);
    utimesSync(target, fileTime(atimeMs), fileTime(mtimeMs));
    return undefined;
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return "gone";
    throw error;
  }
}

/** Whether a link resolves to outside the root; a dangling link does not. */
function leadsOut(path: string | Buffer, root: string): boolean {
  try {
    const real = realpathSync(path);
    return real !== root && !real.startsWith(`${root}/`);
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") return false;
    throw error;
  }
}

async function hashCopies(folder: string, copied: readonly SelectedEntry[]): Promise<CollectedFile[]> {
  const yielder = new Yielder();
  const files: CollectedFile[] = [];
  for (const { name } of ordered(copied, "file")) {
    if (yielder.isDue) await yielder.yield();
    const path = diskPath(folder, name);
    const { size } = lstatSync(path);
    const hash = createHash("sha256");
    const file = openSync(path, "r");
    try {
      await hashOpenFile(hash, file, size);
    } finally {
      closeSync(file);
    }
    files.push({ path: displayName(name), size, sha256: hash.digest("hex") });
  }
  return files;
}

async function pack(
  { folder, archive }: { readonly folder: string; readonly archive: string },
  entries: readonly SelectedEntry[],
  signal: AbortSignal | undefined,
): Promise<Result<number, CacheError>> {
  const file = openSync(archive, "w");
  const sink = new FrameWriter(file, GZIP_MEMBERS);
  try {
    const written = await writeEntries({ folder, entries, sink, signal });
    return written.ok ? ok((await sink.end()).bytes) : written;
  } finally {
    await sink.abandon();
    closeSync(file);
  }
}

function linksOf(folder: string, copied: readonly SelectedEntry[]): { path: string; target: string }[] {
  return ordered(copied, "symlink").map(({ name }) => {
    const target = readlinkSync(diskPath(folder, name), { encoding: "latin1" });
    return { path: displayName(name), target: displayName(target) };
  });
}

function ordered(entries: readonly SelectedEntry[], kind: SelectedEntry["kind"]): SelectedEntry[] {
  return entries.filter((entry) => entry.kind === kind).sort((a, b) => (a.name < b.name ? -1 : 1));
}
