import type { LineBatch } from "@loom/ports";
import { systemErrorOf, type SystemError } from "@loom/system";
import type { ByteBuffer } from "../codec/byte-buffer.ts";
import { encodeLines } from "../codec/encode-lines.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Directories } from "./directories.ts";
import type { Disk } from "./disk.ts";

/** A stream that the disk refuses keeps this much for the next try, then accepts no more output. */
const MAX_STALLED_BYTES = 4 * 1024 * 1024;

/** Where a stream is, and what it shares with the others. */
export interface EventFilePlace {
  readonly disk: Disk;
  /** Absolute path. */
  readonly path: string;
  /** Path relative to the run's directory, with `/`. */
  readonly streamPath: string;
  /** Directory of the file, as `directories` counts. */
  readonly directory: string;
  readonly directories: Directories;
  readonly buffers: BufferPool;
  /** Called before the file is opened: throws the operating system's error while something else is in its place. */
  readonly makeWay?: (() => void) | undefined;
}

/**
 * One stream being written: lines in memory, then in its file, in order.
 *
 * The file is opened when first needed and may be closed in between.
 */
export class EventFile {
  readonly #place: EventFilePlace;
  #pending: ByteBuffer | undefined;
  #descriptor: number | undefined;
  #stalled = false;
  #lines = 0;

  constructor(place: EventFilePlace) {
    this.#place = place;
  }

  /** Absolute path. */
  get path(): string {
    return this.#place.path;
  }

  /** Path relative to the run's directory. */
  get streamPath(): string {
    return this.#place.streamPath;
  }

  /** How many lines the stream has, pending ones included. */
  get lines(): number {
    return this.#lines;
  }

  /** How many bytes wait in memory. */
  get pendingBytes(): number {
    return this.#pending?.length ?? 0;
  }

  /** Adds one line, without its newline. */
  append(line: string): number {
    const buffer = this.#buffer();
    const before = buffer.length;
    buffer.appendText(`${line}\n`);
    this.#lines++;
    return buffer.length - before;
  }

  /**
   * Adds lines of output.
   *
   * @returns How many bytes they became; `undefined` when the disk has refused the stream for too long to take more.
   */
  appendLines(batch: LineBatch): number | undefined {
    const buffer = this.#buffer();
    if (this.#stalled && buffer.length > MAX_STALLED_BYTES) return undefined;
    const before = buffer.length;
    encodeLines(batch, buffer);
    this.#lines += batch.ends.length;
    return buffer.length - before;
  }

  /**
   * Hands what is pending to the operating system.
   *
   * @param most - How many bytes of it, at most. Default: all.
   * @returns Its error when it refused. What it did not take stays pending, in order.
   */
  flush(most: number = Infinity): SystemError | undefined {
    const pending = this.#pending;
    if (pending === undefined) return undefined;
    const end = Math.min(most, pending.length);
    let written = 0;
    try {
      const descriptor = this.#open();
      while (written < end) {
        written += this.#place.disk.write(descriptor, pending.bytes, written, end - written);
      }
      if (end < pending.length) {
        pending.discard(end);
        return undefined;
      }
      this.#stalled = false;
      this.#pending = undefined;
      this.#place.buffers.release(pending);
      return undefined;
    } catch (cause) {
      this.#stalled = true;
      pending.discard(written);
      this.#place.directories.invalidate();
      return systemErrorOf(cause);
    }
  }

  /** Keeps what is pending for a later flush, as other streams must be written first. */
  hold(): void {
    this.#stalled = true;
  }

  /** Gives the file handle back. What is still pending opens it again. */
  close(): void {
    if (this.#descriptor === undefined) return;
    this.#place.disk.close(this.#descriptor);
    this.#descriptor = undefined;
  }

  #buffer(): ByteBuffer {
    this.#pending ??= this.#place.buffers.take();
    return this.#pending;
  }

  #open(): number {
    if (this.#descriptor === undefined) {
      const { disk, directories, directory, path, makeWay } = this.#place;
      makeWay?.();
      directories.ensure(directory);
      this.#descriptor = disk.openToAppend(path);
    }
    return this.#descriptor;
  }
}
