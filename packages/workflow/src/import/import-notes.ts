import type { TreePlace } from "./tree.ts";

/** Something that was not carried over, or not as it was. */
export interface ImportNote {
  /** As the caller named it, or the path that an `include` gave. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** What it is, and why. One line. */
  readonly message: string;
}

/** Collects what has to be said of an import, each thing once. */
export class ImportNotes {
  readonly #notes = new Map<string, ImportNote>();

  add({ file, line }: TreePlace, message: string): void {
    const one = message.replaceAll(/\s+/g, " ").slice(0, MAX_MESSAGE);
    const key = `${file}\n${line}\n${one}`;
    if (this.#notes.size < MAX_NOTES && !this.#notes.has(key))
      this.#notes.set(key, { file, line, message: one });
  }

  /** By file in the order they were read, then by line. */
  sorted(files: readonly string[]): readonly ImportNote[] {
    const order = new Map(files.map((file, index) => [file, index]));
    const place = ({ file }: ImportNote): number => order.get(file) ?? files.length;
    return [...this.#notes.values()].sort((a, b) => place(a) - place(b) || a.line - b.line);
  }
}

/** A name or a command in a message may be of any length. */
const MAX_MESSAGE = 400;

/** More than anybody reads; a file of 1 MiB may have a gap in each line. */
const MAX_NOTES = 20_000;
