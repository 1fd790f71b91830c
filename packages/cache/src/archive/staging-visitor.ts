import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  futimesSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { unreachable } from "@loom/core";
import { errnoCode } from "@loom/system";
import { fileTime } from "./file-time.ts";
import { diskPath, displayName, type ByteName } from "./byte-name.ts";
import { cleanName } from "./clean-name.ts";
import type { ClosedDirectory } from "./move-into-place.ts";
import type { TarEntry } from "./tar-entry.ts";
import type { TarVisitor } from "./tar-reader.ts";

/** Which symbolic links are accepted: all of them, as caches need, or only those that stay inside. */
export type LinkRule = "all" | "inside";

/** What was put into the staging folder. */
export interface Staged {
  /** Regular files. */
  readonly files: number;
  /** Their content. */
  readonly bytes: number;
  /** What was refused and why, one sentence each, in the order of the archive. */
  readonly refused: readonly string[];
}

/**
 * Extracts an archive into a folder that nobody else writes to.
 *
 * Nothing in the archive can escape from it: the visitor created every parent folder of a name itself, which it
 * tracks in memory, and it only creates files, never opens existing ones. What does not fit is refused,
 * reported and left out.
 */
export class StagingVisitor implements TarVisitor {
  readonly #folder: string;
  readonly #links: LinkRule;
  readonly #timeMs: number | undefined;
  readonly #kinds = new Map<ByteName, "file" | "directory" | "symlink">();
  readonly #directories: TarEntry[] = [];
  readonly #refused: string[] = [];
  #file: { readonly descriptor: number; readonly mtimeMs: number } | undefined;
  #files = 0;
  #bytes = 0;

  /**
   * @param folder - Exists and is empty.
   * @param timeMs - The time that everything gets; milliseconds of Unix time. Default: the archive's times.
   */
  constructor(folder: string, links: LinkRule, timeMs?: number) {
    this.#folder = folder;
    this.#links = links;
    this.#timeMs = timeMs;
    this.#kinds.set("", "directory");
  }

  begin(archived: TarEntry): void {
    const entry = this.#timeMs === undefined ? archived : { ...archived, mtimeMs: this.#timeMs };
    const cleaned = cleanName(entry.name);
    if (!cleaned.ok) return this.#refuse(entry, cleaned.error);
    const name = cleaned.value;
    if (name === "") return;
    try {
      const problem = this.#parents(name) ?? this.#make(name, entry);
      if (problem !== undefined) this.#refuse(entry, problem);
    } catch (error) {
      const refusal = REFUSALS[errnoCode(error) ?? ""];
      if (refusal === undefined) throw error;
      this.#refuse(entry, refusal);
    }
  }

  data(bytes: Buffer): void {
    if (this.#file === undefined) return;
    let written = 0;
    while (written < bytes.length) written += writeSync(this.#file.descriptor, bytes, written);
    this.#bytes += bytes.length;
  }

  end(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      futimesSync(file.descriptor, fileTime(file.mtimeMs), fileTime(file.mtimeMs));
    } finally {
      closeSync(file.descriptor);
    }
  }

  /** Sets the times of folders; call once, after the last entry. */
  finish(): Staged {
    // Writing into a folder changes its time, so times are set last, innermost first.
    for (const entry of this.#directories.toReversed()) {
      const path = diskPath(this.#folder, entry.name);
      utimesSync(path, fileTime(entry.mtimeMs), fileTime(entry.mtimeMs));
    }
    return { files: this.#files, bytes: this.#bytes, refused: this.#refused };
  }

  /** Folders that their owner may not write to, innermost first. They get that mode only at their destination. */
  get closedDirectories(): ClosedDirectory[] {
    return this.#directories.filter(({ mode }) => (mode & 0o700) !== 0o700).toReversed();
  }

  /** Closes an open file when reading ended early. */
  abandon(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }

  #make(name: ByteName, entry: TarEntry): string | undefined {
    switch (entry.kind) {
      case "directory":
        return this.#directory(name, entry);
      case "file":
        return this.#replaced(name) ?? this.#regular(name, entry);
      case "symlink":
        return this.#replaced(name) ?? this.#symlink(name, entry);
      case "hardlink":
        return this.#copy(name, entry);
      case "other":
        return "it is not a file, a folder or a link";
      default:
        return unreachable(entry.kind);
    }
  }

  #directory(name: ByteName, entry: TarEntry): string | undefined {
    const kind = this.#kinds.get(name);
    if (kind !== undefined && kind !== "directory")
      return "the archive has a file or a link of this name too";
    const path = diskPath(this.#folder, name);
    // Its entries have to be written first, whatever its own mode is.
    if (kind === undefined) mkdirSync(path, entry.mode | 0o700);
    else chmodSync(path, entry.mode | 0o700);
    this.#kinds.set(name, "directory");
    this.#directories.push({ ...entry, name });
    return undefined;
  }

  #regular(name: ByteName, entry: TarEntry): undefined {
    const descriptor = openSync(diskPath(this.#folder, name), CREATE_ONLY, entry.mode);
    this.#file = { descriptor, mtimeMs: entry.mtimeMs };
    this.#kinds.set(name, "file");
    this.#files += 1;
    return undefined;
  }

  #symlink(name: ByteName, entry: TarEntry): string | undefined {
    if (entry.target === "" || entry.target.includes("\0")) return "it is a link to nowhere";
    if (this.#links === "inside" && !staysInside(name, entry.target))
      return "it is a link that leads out of the workspace";
    const path = diskPath(this.#folder, name);
    symlinkSync(linkTarget(entry.target), path);
    this.#kinds.set(name, "symlink");
    lutimesSync(path, fileTime(entry.mtimeMs), fileTime(entry.mtimeMs));
    return undefined;
  }

  #copy(name: ByteName, entry: TarEntry): string | undefined {
    const target = cleanName(entry.target);
    if (!target.ok || this.#kinds.get(target.value) !== "file" || target.value === name) {
      return "it is a hard link to something that is not a file of the archive before it";
    }
    const problem = this.#replaced(name);
    if (problem !== undefined) return problem;
    const { COPYFILE_EXCL, COPYFILE_FICLONE } = constants;
    const path = diskPath(this.#folder, name);
    copyFileSync(diskPath(this.#folder, target.value), path, COPYFILE_EXCL | COPYFILE_FICLONE);
    utimesSync(path, fileTime(entry.mtimeMs), fileTime(entry.mtimeMs));
    this.#kinds.set(name, "file");
    this.#files += 1;
    return undefined;
  }

  /** A later entry replaces an earlier one of the same name, as in `tar`. */
  #replaced(name: ByteName): string | undefined {
    const kind = this.#kinds.get(name);
    if (kind === undefined) return undefined;
    if (kind === "directory") return "the archive has a folder of this name too";
    unlinkSync(diskPath(this.#folder, name));
    if (kind === "file") this.#files -= 1;
    this.#kinds.delete(name);
    return undefined;
  }

  #parents(name: ByteName): string | undefined {
    const slash = name.lastIndexOf("/");
    const parent = slash === -1 ? "" : name.slice(0, slash);
    const kind = this.#kinds.get(parent);
    if (kind === "directory") return undefined;
    if (kind !== undefined)
      return `it is below a ${kind === "symlink" ? "symbolic link" : "file"} of the archive`;
    const problem = this.#parents(parent);
    if (problem !== undefined) return problem;
    mkdirSync(diskPath(this.#folder, parent));
    this.#kinds.set(parent, "directory");
    return undefined;
  }

  #refuse(entry: TarEntry, why: string): void {
    this.#refused.push(`"${displayName(entry.name)}" is not restored: ${why}`);
  }
}

const CREATE_ONLY = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * When the file system itself refuses a name. `EEXIST`: it treats two names as the same (case or Unicode
 * normalization).
 */
const REFUSALS: { readonly [code: string]: string | undefined } = {
  EEXIST: "the file system takes it for another name of the archive",
  ENOTDIR: "the file system takes a part of it for a file of the archive",
  ENAMETOOLONG: "its name is too long for the file system",
  EILSEQ: "the file system does not take its name",
  EINVAL: "the file system does not take its name",
};

function linkTarget(target: ByteName): string | Buffer {
  return Buffer.from(target, "latin1");
}

/** Whether a link's target, taken lexically, is below the root. */
export function staysInside(name: ByteName, target: ByteName): boolean {
  if (target.startsWith("/")) return false;
  let depth = name.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return false;
  }
  return true;
}
