import kdbxweb, { type Kdbx, type KdbxCredentials, type KdbxEntry, type KdbxGroup } from "kdbxweb";
import { fieldValueOf, kdbxEntriesOf } from "./kdbx-entries.ts";
import { loadKdbx, type KeepassKey } from "./load-kdbx.ts";

/**
 * How hard a new database makes it to try passwords: about a second for each, once to open it and once to save it.
 *
 * Source: the memory and the rounds of KeePassXC 2.7 for a new database. RFC 9106 recommends Argon2id, with fewer
 * rounds over as much memory.
 */
const KEY_DERIVATION = { memoryBytes: 64 * 1024 * 1024, iterations: 10, parallelism: 2 };

/** What an entry is made of, by name of field. */
export type KeepassValues = ReadonlyMap<string, string>;

/** Makes an empty database, KDBX 4 with Argon2id, in memory. */
export function makeKdbx(credentials: KdbxCredentials, name: string): Kdbx {
  const kdbx = kdbxweb.Kdbx.create(credentials, name);
  kdbx.setKdf(kdbxweb.Consts.KdfId.Argon2id);
  const { ValueType } = kdbxweb.VarDictionary;
  const derivation = kdbx.header.kdfParameters;
  derivation?.set("M", ValueType.UInt64, new kdbxweb.Int64(KEY_DERIVATION.memoryBytes));
  derivation?.set("I", ValueType.UInt64, new kdbxweb.Int64(KEY_DERIVATION.iterations));
  derivation?.set("P", ValueType.UInt32, KEY_DERIVATION.parallelism);
  const root = kdbx.getDefaultGroup();
  root.name = "Root";
  // KeePass makes one when it first needs it.
  root.groups = [];
  kdbx.meta.recycleBinUuid = new kdbxweb.KdbxUuid();
  return kdbx;
}

/** Locks a database with another key from the next save on. */
export function lockKdbx(kdbx: Kdbx, credentials: KdbxCredentials): void {
  kdbx.credentials = credentials;
  kdbx.meta.keyChanged = new Date();
}

/** Adds an entry, and the groups of its path that are missing. */
export function addKdbxEntry(kdbx: Kdbx, path: string, values: KeepassValues): void {
  const names = path.split("/");
  const title = names.pop() ?? "";
  let group = kdbx.getDefaultGroup();
  for (const name of names) group = childOf(group, name) ?? kdbx.createGroup(group, name);
  const entry = kdbx.createEntry(group);
  entry.fields.set("Title", title);
  for (const [name, value] of values) setValue(entry, name, value);
}

/**
 * Changes fields of an entry. What it was becomes the newest version in its history; of those that are too many by the
 * settings of the database, the oldest go.
 */
export function changeKdbxEntry(kdbx: Kdbx, entry: KdbxEntry, values: KeepassValues): void {
  entry.pushHistory();
  // The library leaves these out.
  const kept = entry.history.at(-1);
  if (kept !== undefined) {
    kept.overrideUrl = entry.overrideUrl;
    kept.qualityCheck = entry.qualityCheck;
    kept.customData = entry.customData === undefined ? undefined : new Map(entry.customData);
  }
  const { historyMaxItems = -1 } = kdbx.meta;
  const excess = entry.history.length - historyMaxItems;
  if (historyMaxItems >= 0 && excess > 0) entry.removeHistory(0, excess);
  for (const [name, value] of values) setValue(entry, name, value);
  entry.times.update();
}

/**
 * Encrypts a database, and opens the result once more: it is to take the place of all that a user has.
 *
 * @returns The contents for its file; `undefined` when they would not hold what the database holds.
 */
export async function saveKdbx(kdbx: Kdbx, key: KeepassKey): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(await kdbx.save());
  const again = await loadKdbx(bytes, key);
  return typeof again !== "string" && contentsOf(again) === contentsOf(kdbx) ? bytes : undefined;
}

function contentsOf(kdbx: Kdbx): string {
  return JSON.stringify(
    kdbxEntriesOf(kdbx).map(([path, entry]) => [path, versionOf(entry), entry.history.map(versionOf)]),
  );
}

function versionOf(entry: KdbxEntry): unknown {
  const values = [...entry.fields.keys()].map((name) => [name, fieldValueOf(entry, name)]);
  return [entry.uuid.id, values, [...entry.binaries.keys()]];
}

function childOf(group: KdbxGroup, name: string): KdbxGroup | undefined {
  return group.groups.find((child) => child.name === name);
}

/** Whatever is stored here may be a secret, so each field is protected, which also keeps every character as it is. */
function setValue(entry: KdbxEntry, name: string, value: string): void {
  entry.fields.set(name, kdbxweb.ProtectedValue.fromString(value));
}
