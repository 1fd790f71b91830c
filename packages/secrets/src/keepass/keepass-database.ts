import { argon2d, argon2id } from "hash-wasm";
import kdbxweb, { type KdbxEntry, type KdbxGroup } from "kdbxweb";

/** What a database is opened with. At least one of the two is there. */
export interface KeepassKey {
  readonly password: string | undefined;
  /** The contents of the key file. */
  readonly keyFile: Uint8Array | undefined;
}

/** Why a database cannot be opened. */
export type KeepassFault = "damaged" | "not a database" | "not a key file" | "unsupported" | "wrong key";

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

kdbxweb.CryptoEngine.setArgon2Impl(
  async (password, salt, memorySize, iterations, hashLength, parallelism, type, version) => {
    if (version !== 0x13) throw new kdbxweb.KdbxError(kdbxweb.Consts.ErrorCodes.Unsupported);
    const hash = type === kdbxweb.CryptoEngine.Argon2TypeArgon2d ? argon2d : argon2id;
    const made = await hash({
      password: new Uint8Array(password),
      salt: new Uint8Array(salt),
      memorySize,
      iterations,
      hashLength,
      parallelism,
      outputType: "binary",
    });
    return Uint8Array.from(made).buffer;
  },
);

/**
 * Opens a database of KeePass: KDBX 3 or 4.
 *
 * @param bytes - The contents of the file.
 * @returns Why it cannot be opened, instead of a database.
 */
export async function openKeepassDatabase(
  bytes: Uint8Array,
  { password, keyFile }: KeepassKey,
): Promise<KeepassDatabase | KeepassFault> {
  const secret = password === undefined ? null : kdbxweb.ProtectedValue.fromString(password);
  const credentials = new kdbxweb.Credentials(secret, keyFile ?? null);
  try {
    await credentials.ready;
  } catch {
    // XML without a key, or damaged. Anything else serves as a key file.
    return "not a key file";
  }
  try {
    const opened = await kdbxweb.Kdbx.load(Uint8Array.from(bytes).buffer, credentials);
    return databaseOf(opened.getDefaultGroup());
  } catch (thrown) {
    return faultOf(thrown);
  }
}

/** A damaged file makes the library throw whatever its reader met first. */
function faultOf(thrown: unknown): KeepassFault {
  const { ErrorCodes } = kdbxweb.Consts;
  const code = thrown instanceof kdbxweb.KdbxError ? thrown.code : ErrorCodes.FileCorrupt;
  if (code === ErrorCodes.InvalidKey) return "wrong key";
  if (code === ErrorCodes.BadSignature) return "not a database";
  if (code === ErrorCodes.InvalidVersion || code === ErrorCodes.Unsupported) return "unsupported";
  return "damaged";
}

function databaseOf(root: KdbxGroup): KeepassDatabase {
  const entries = [...entriesBelow(root, "")];
  return {
    find: (path) => entries.filter(([found]) => found === path).map(([, entry]) => fieldsOf(entry)),
    entries: entries.map(([path, entry]) => ({ path, fields: fieldsOf(entry).names })),
  };
}

function* entriesBelow(
  group: KdbxGroup,
  prefix: string,
): Generator<readonly [path: string, entry: KdbxEntry]> {
  for (const entry of group.entries) yield [`${prefix}${fieldsOf(entry).get("Title") ?? ""}`, entry];
  for (const child of group.groups) yield* entriesBelow(child, `${prefix}${child.name ?? ""}/`);
}

function fieldsOf({ fields }: KdbxEntry): KeepassFields {
  return {
    names: [...fields.keys()].toSorted(),
    get: (name) => {
      const value = fields.get(name);
      return value instanceof kdbxweb.ProtectedValue ? value.getText() : value;
    },
  };
}
