import type { Kdbx, KdbxEntry } from "kdbxweb";
import { fieldValueOf, kdbxEntriesOf } from "./kdbx-entries.ts";

/** An open database. */
export interface KeepassDatabase {
  /**
   * Finds the entries of a path: names of groups below the root group, then the title, separated by `/`.
   *
   * @returns One of each entry: the values of its fields by name.
   */
  find(path: string): readonly KeepassFields[];
  /** All entries, as in the file: those of a group before those of the groups in it. */
  readonly entries: readonly KeepassEntry[];
}

/** An entry by name, without its values. */
export interface KeepassEntry {
  /** As in a reference. */
  readonly path: string;
  /** The names of its fields, sorted by code units. */
  readonly fields: readonly string[];
}

/** The fields of one entry. */
export interface KeepassFields {
  /** Sorted by code units. */
  readonly names: readonly string[];
  /** @returns The value; `undefined` when there is no such field. */
  get(name: string): string | undefined;
}

/** What a reader needs of a database. */
export function keepassDatabaseOf(kdbx: Kdbx): KeepassDatabase {
  const entries = kdbxEntriesOf(kdbx);
  return {
    find: (path) => entries.filter(([found]) => found === path).map(([, entry]) => fieldsOf(entry)),
    entries: entries.map(([path, entry]) => ({ path, fields: fieldsOf(entry).names })),
  };
}

function fieldsOf(entry: KdbxEntry): KeepassFields {
  return {
    names: [...entry.fields.keys()].toSorted(),
    get: (name) => fieldValueOf(entry, name),
  };
}
