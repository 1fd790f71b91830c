import { SYSTEM_DISK, type Disk } from "../src/write/disk.ts";

/** One call to a disk: what it is to do, and where. */
export interface DiskCall {
  readonly kind: "open" | "write" | "close" | "mkdir" | "writeFile" | "rename" | "remove";
  /** The file or directory; of a rename, where it goes. */
  readonly path: string;
}

/** The disk of this machine, which notes what it was asked and refuses what a test tells it to. */
export class WatchedDisk implements Disk {
  /** Every call, refused ones included. */
  readonly calls: DiskCall[] = [];
  /** How many bytes a write takes at most. */
  mostAtOnce = Infinity;
  readonly #open = new Map<number, string>();
  #refusal: { readonly code: string; readonly where: (call: DiskCall) => boolean } | undefined;

  /** The files that have a handle, one for each handle. */
  get openFiles(): readonly string[] {
    return [...this.#open.values()];
  }

  /** Refuses the calls that `where` is true for, until {@link allowAll}. */
  refuse(code: string, where: (call: DiskCall) => boolean): void {
    this.#refusal = { code, where };
  }

  allowAll(): void {
    this.#refusal = undefined;
  }

  /** The calls of a kind, by path. */
  pathsOf(kind: DiskCall["kind"]): string[] {
    return this.calls.filter((call) => call.kind === kind).map(({ path }) => path);
  }

  openToAppend(path: string): number {
    this.#note("open", path);
    const descriptor = SYSTEM_DISK.openToAppend(path);
    this.#open.set(descriptor, path);
    return descriptor;
  }

  write(descriptor: number, bytes: Uint8Array, offset: number, length: number): number {
    this.#note("write", this.#pathOf(descriptor));
    return SYSTEM_DISK.write(descriptor, bytes, offset, Math.min(length, this.mostAtOnce));
  }

  close(descriptor: number): void {
    this.#note("close", this.#pathOf(descriptor));
    this.#open.delete(descriptor);
    SYSTEM_DISK.close(descriptor);
  }

  makeDirectory(path: string): void {
    this.#note("mkdir", path);
    SYSTEM_DISK.makeDirectory(path);
  }

  writeFile(path: string, text: string): void {
    this.#note("writeFile", path);
    SYSTEM_DISK.writeFile(path, text);
  }

  rename(from: string, to: string): void {
    this.#note("rename", to);
    SYSTEM_DISK.rename(from, to);
  }

  remove(path: string): void {
    this.#note("remove", path);
    SYSTEM_DISK.remove(path);
  }

  #pathOf(descriptor: number): string {
    const path = this.#open.get(descriptor);
    if (path === undefined) throw new Error(`No file is open as ${descriptor}`);
    return path;
  }

  #note(kind: DiskCall["kind"], path: string): void {
    const call = { kind, path };
    this.calls.push(call);
    if (this.#refusal?.where(call) === true) throw systemError(this.#refusal.code, kind);
  }
}

/** An error as the operating system would give it, without a path. */
export function systemError(code: string, syscall = "write"): Error {
  return Object.assign(new Error(`${code}: refused, ${syscall}`), { code, syscall });
}
