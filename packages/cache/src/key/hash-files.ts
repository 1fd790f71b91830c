import { createHash, type Hash } from "node:crypto";
import { closeSync, fstatSync, openSync, readlinkSync, readSync, realpathSync } from "node:fs";
import { errnoCode } from "@loom/system";
import { Yielder } from "../archive/yielder.ts";
import { diskPath, type ByteName } from "../archive/byte-name.ts";
import { selectEntries } from "../select/select-entries.ts";
import type { SelectedEntry } from "../select/selected-entry.ts";

/** The hash of a key's files. */
export interface HashedFiles {
  /** In hexadecimal. */
  readonly sha256: string;
  readonly files: number;
  /** Paths and globs that match nothing, as written. */
  readonly unmatched: readonly string[];
  readonly refused: readonly string[];
}

/**
 * Hashes the paths and contents of files, in byte order of their paths.
 *
 * SHA-256 over one record per match, without separators:
 *
 * 1. the path relative to the workspace, as the file system's bytes, with `/`;
 * 2. one NUL byte;
 * 3. the length of the content in bytes, in decimal digits;
 * 4. one NUL byte;
 * 5. the content.
 *
 * A link counts as the content of the file it leads to if that is a regular file inside the workspace,
 * otherwise as its target text. Folders stand for the files below them. No match gives the hash of nothing.
 *
 * @throws System errors, for the caller to report.
 */
export async function hashFiles(workspace: string, patterns: readonly string[]): Promise<HashedFiles> {
  const { entries, unmatched, refused } = selectEntries(workspace, { paths: patterns });
  const matches = [...entries].filter(({ kind }) => kind === "file" || kind === "symlink");
  matches.sort((a, b) => (a.name < b.name ? -1 : 1));
  const hash = createHash("sha256");
  const yielder = new Yielder();
  const root = realpathSync(workspace);
  let files = 0;
  for (const match of matches) {
    if (yielder.isDue) await yielder.yield();
    files += (await hashOne(hash, workspace, root, match)) ? 1 : 0;
  }
  return { sha256: hash.digest("hex"), files, unmatched, refused };
}

async function hashOne(hash: Hash, workspace: string, root: string, match: SelectedEntry): Promise<boolean> {
  const path = diskPath(workspace, match.name);
  if (match.kind === "file") return hashContent(hash, match.name, path);
  const target = insideTarget(path, root);
  if (target !== undefined && (await hashContent(hash, match.name, target))) return true;
  const text = Buffer.from(readlinkSync(path, { encoding: "latin1" }), "latin1");
  hash.update(record(match.name, text.length)).update(text);
  return true;
}

function insideTarget(path: string | Buffer, root: string): string | undefined {
  try {
    const real = realpathSync(path);
    return real.startsWith(`${root}/`) ? real : undefined;
  } catch (error) {
    const code = errnoCode(error);
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** @returns Whether it is a regular file. */
async function hashContent(hash: Hash, name: ByteName, path: string | Buffer): Promise<boolean> {
  const file = openSync(path, "r");
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return false;
    hash.update(record(name, stats.size));
    await hashOpenFile(hash, file, stats.size);
    return true;
  } finally {
    closeSync(file);
  }
}

function record(name: ByteName, size: number): Buffer {
  return Buffer.from(`${name}\0${size}\0`, "latin1");
}

const CHUNK_BYTES = 1024 * 1024;

/** Hashes up to `size` bytes of a file from its current position. */
export async function hashOpenFile(hash: Hash, file: number, size: number): Promise<void> {
  const yielder = new Yielder();
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(size, 1)));
  let left = size;
  while (left > 0) {
    const read = readSync(file, chunk, 0, Math.min(chunk.length, left), null);
    if (read === 0) break;
    hash.update(chunk.subarray(0, read));
    left -= read;
    if (yielder.isDue) await yielder.yield();
  }
}
