import { argon2d, argon2id } from "hash-wasm";
import kdbxweb, { type Kdbx, type KdbxCredentials } from "kdbxweb";
import { keepTabs } from "./keep-tabs.ts";

/** What a database is opened with. At least one of the two is there. */
export interface KeepassKey {
  readonly password: string | undefined;
  /** The contents of the key file. */
  readonly keyFile: Uint8Array | undefined;
}

/** Why a database cannot be opened. */
export type KeepassFault = "damaged" | "not a database" | "not a key file" | "unsupported" | "wrong key";

keepTabs();
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

/** @returns `undefined` for a key file that is none: XML without a key, or damaged. Anything else serves as one. */
export async function kdbxCredentialsOf({
  password,
  keyFile,
}: KeepassKey): Promise<KdbxCredentials | undefined> {
  const secret = password === undefined ? null : kdbxweb.ProtectedValue.fromString(password);
  const credentials = new kdbxweb.Credentials(secret, keyFile ?? null);
  try {
    return await credentials.ready;
  } catch {
    return undefined;
  }
}

/**
 * Opens a database of KeePass, KDBX 3 or 4, so that it can be changed.
 *
 * @param bytes - The contents of the file.
 * @returns Why it cannot be opened, instead of a database.
 */
export async function loadKdbx(bytes: Uint8Array, key: KeepassKey): Promise<Kdbx | KeepassFault> {
  const credentials = await kdbxCredentialsOf(key);
  if (credentials === undefined) return "not a key file";
  try {
    return await kdbxweb.Kdbx.load(Uint8Array.from(bytes).buffer, credentials);
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
