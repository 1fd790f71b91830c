import type { Disk } from "@loom/artifacts";
import type { Random } from "../random.ts";
import type { World } from "../world/world.ts";

/** A disk's contents: bytes by path, relative to a directory. */
export type DiskImage = ReadonlyMap<string, Uint8Array>;

/** A refused call, or the one in which the process died. */
export interface DiskIncident {
  readonly call: number;
  readonly what: string;
  readonly atMs: number;
}

/**
 * A disk in memory, with the faults of its world.
 *
 * As on a real disk, writes to an open file follow it when it is moved. After the crash, calls seem to succeed
 * but have no effect.
 */
export class VirtualDisk implements Disk {
  readonly #world: World["disk"];
  readonly #random: Random;
  readonly #now: () => number;
  readonly #directories: Set<string>;
  readonly #files = new Map<string, GrowingFile>();
  readonly #open = new Map<number, GrowingFile>();
  readonly #misuses: string[] = [];
  readonly #incidents: DiskIncident[] = [];
  #lastDescriptor = 2;
  #calls = 0;
  #hasCrashed = false;

  /**
   * @param directories - Absolute paths of the existing directories.
   * @param now - The time, for incidents.
   */
  constructor(world: World, directories: readonly string[], now: () => number) {
    this.#world = world.disk;
    this.#random = world.random.fork("disk");
    this.#directories = new Set(directories);
    this.#now = now;
  }

  /** Whether the process has died. */
  get hasCrashed(): boolean {
    return this.#hasCrashed;
  }

  /** Whether any call has been refused. */
  get hasRefused(): boolean {
    return this.#incidents.some(({ what }) => !what.startsWith("crash"));
  }

  /** Whether the disk's fault is still active. */
  get isRefusing(): boolean {
    const { fault } = this.#world;
    return fault !== undefined && this.#calls + 1 >= fault.fromCall && this.#calls + 1 < fault.untilCall;
  }

  /** Refused calls, and the crash. */
  get incidents(): readonly DiskIncident[] {
    return this.#incidents;
  }

  /** What no correct program does: writing to a closed descriptor, or changing a stream other than by appending. */
  get misuses(): readonly string[] {
    return this.#misuses;
  }

  /** How many descriptors are open. */
  get openCount(): number {
    return this.#open.size;
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls;
  }

  /** A file's size in bytes; 0 if it does not exist. */
  sizeOf(path: string): number {
    return this.#files.get(path)?.length ?? 0;
  }

  /** A directory's contents, by path relative to it. */
  image(directory: string): DiskImage {
    const files = [...this.#files].filter(([path]) => path.startsWith(`${directory}/`));
    return new Map(
      files
        .map(([path, file]): [string, Uint8Array] => [path.slice(directory.length + 1), file.contents()])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  openToAppend(path: string): number {
    this.#lastDescriptor += 1;
    if (this.#isGone("open")) return this.#lastDescriptor;
    this.#refuse("open", path, this.#files.has(path) ? ["EMFILE", "EACCES"] : ["EMFILE", "EACCES", "ENOSPC"]);
    this.#needDirectoryOf(path, "open");
    const file = this.#files.get(path) ?? new GrowingFile();
    this.#files.set(path, file);
    this.#open.set(this.#lastDescriptor, file);
    return this.#lastDescriptor;
  }

  write(descriptor: number, bytes: Uint8Array, offset: number, length: number): number {
    const file = this.#open.get(descriptor);
    if (this.#hasCrashed) return length;
    if (file === undefined) this.#misuses.push(`write to descriptor ${descriptor}, which is not open`);
    if (this.#isGone("write")) {
      file?.append(bytes.subarray(offset, offset + this.#random.below(length + 1)));
      return length;
    }
    this.#refuse("write", `descriptor ${descriptor}`, ["ENOSPC"]);
    const isShort = this.#world.shortWrites && length > 1 && this.#random.chance(0.3);
    const taken = isShort ? this.#random.between(1, length - 1) : length;
    file?.append(bytes.subarray(offset, offset + taken));
    return taken;
  }

  close(descriptor: number): void {
    if (this.#hasCrashed) return;
    if (!this.#open.delete(descriptor))
      this.#misuses.push(`close of descriptor ${descriptor}, which is not open`);
  }

  makeDirectory(path: string): void {
    const directory = withoutSlash(path);
    if (this.#isGone("mkdir")) return;
    this.#refuse("mkdir", directory, ["ENOSPC", "EACCES"]);
    if (this.#directories.has(directory)) throw systemError("EEXIST", "mkdir", directory);
    this.#needDirectoryOf(directory, "mkdir");
    this.#directories.add(directory);
  }

  writeFile(path: string, text: string): void {
    if (isStream(path)) this.#misuses.push(`"${path}" is written over`);
    const bytes = new TextEncoder().encode(text);
    if (this.#hasCrashed) return;
    const file = new GrowingFile();
    if (this.#isGone("writeFile")) {
      file.append(bytes.subarray(0, this.#random.below(bytes.length + 1)));
      this.#files.set(path, file);
      return;
    }
    this.#needDirectoryOf(path, "open");
    const refusal = this.#refusal("writeFile", path, ["EMFILE", "EACCES", "ENOSPC"]);
    if (refusal === undefined) file.append(bytes);
    // A full disk accepts the beginning.
    if (refusal?.code === "ENOSPC") file.append(bytes.subarray(0, this.#random.below(bytes.length)));
    if (refusal === undefined || refusal.code === "ENOSPC") this.#files.set(path, file);
    if (refusal !== undefined) throw refusal;
  }

  rename(from: string, to: string): void {
    const [source, target] = [withoutSlash(from), withoutSlash(to)];
    if (this.#isGone("rename")) return;
    this.#refuse("rename", source, ["EACCES", "ENOSPC"]);
    this.#needDirectoryOf(target, "rename");
    if (this.#directories.has(source)) return this.#renameDirectory(source, target);
    const file = this.#files.get(source);
    if (file === undefined) throw systemError("ENOENT", "rename", source);
    if (isStream(source) || isStream(target)) this.#misuses.push(`"${source}" is renamed to "${target}"`);
    this.#files.delete(source);
    this.#files.set(target, file);
    return undefined;
  }

  remove(path: string): void {
    if (this.#isGone("unlink")) return;
    this.#refuse("unlink", path, ["EACCES"]);
    if (isStream(path)) this.#misuses.push(`"${path}" is removed`);
    this.#files.delete(path);
  }

  #renameDirectory(from: string, to: string): void {
    const below = `${to}/`;
    if (this.#directories.has(to) && [...this.#files.keys()].some((path) => path.startsWith(below))) {
      throw systemError("ENOTEMPTY", "rename", from);
    }
    for (const [path, file] of this.#files) {
      if (!path.startsWith(`${from}/`)) continue;
      this.#files.delete(path);
      this.#files.set(to + path.slice(from.length), file);
    }
    for (const directory of this.#directories) {
      if (directory !== from && !directory.startsWith(`${from}/`)) continue;
      this.#directories.delete(directory);
      this.#directories.add(to + directory.slice(from.length));
    }
  }

  /** Counts a call. Returns whether the process has died, in this call or an earlier one. */
  #isGone(syscall: string): boolean {
    if (this.#hasCrashed) return true;
    this.#calls += 1;
    if (this.#calls !== this.#world.crashAtCall) return false;
    this.#hasCrashed = true;
    this.#incidents.push({ call: this.#calls, what: `crash in ${syscall}`, atMs: this.#now() });
    return true;
  }

  #refuse(syscall: string, path: string, possible: readonly string[]): void {
    const refusal = this.#refusal(syscall, path, possible);
    if (refusal !== undefined) throw refusal;
  }

  #refusal(syscall: string, path: string, possible: readonly string[]): SystemFailure | undefined {
    const { fault } = this.#world;
    if (fault === undefined || this.#calls < fault.fromCall || this.#calls >= fault.untilCall)
      return undefined;
    if (!possible.includes(fault.code)) return undefined;
    const kind = syscall === "write" || isStream(path) ? "streams" : "documents";
    if (fault.where !== "everywhere" && fault.where !== kind) return undefined;
    this.#incidents.push({
      call: this.#calls,
      what: `${fault.code} in ${syscall} of ${path}`,
      atMs: this.#now(),
    });
    return systemError(fault.code, syscall, path);
  }

  #needDirectoryOf(path: string, syscall: string): void {
    const directory = path.slice(0, path.lastIndexOf("/"));
    if (!this.#directories.has(directory)) throw systemError("ENOENT", syscall, path);
  }
}

/** An append-only byte buffer. */
class GrowingFile {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  length = 0;

  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2, 2048));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length = length;
  }

  contents(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

type SystemFailure = Error & { readonly code: string; readonly syscall: string };

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on device",
  EACCES: "permission denied",
  EMFILE: "too many open files",
  EEXIST: "file already exists",
  ENOENT: "no such file or directory",
  ENOTEMPTY: "directory not empty",
};

function systemError(code: string, syscall: string, path: string): SystemFailure {
  const message = `${code}: ${WORDS[code] ?? "unknown"}, ${syscall} '${path}'`;
  // Capturing a stack for each existing directory would cost more than the run.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const error = new Error(message);
  Error.stackTraceLimit = limit;
  return Object.assign(error, { code, syscall });
}

function isStream(path: string): boolean {
  return path.endsWith("/events.jsonl");
}

function withoutSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
