import { err, ok, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import type { Kdbx } from "kdbxweb";
import type { SecretError } from "../secret-error.ts";
import type { KeepassDatabase } from "./keepass-database.ts";
import {
  readKeepassConfiguration,
  readKeepassFile,
  type KeepassConfiguration,
} from "./keepass-configuration.ts";
import type { KeepassFault } from "./load-kdbx.ts";

/** A database that was opened to be changed. */
export interface ConfiguredKdbx extends KeepassConfiguration {
  readonly kdbx: Kdbx;
  /** What its file held. */
  readonly bytes: Uint8Array;
}

const FAULTS: Readonly<Record<Exclude<KeepassFault, "not a key file" | "wrong key">, string>> = {
  damaged: "is damaged: restore it from a copy",
  "not a database": "is no KeePass database: Loom reads KDBX 3 and 4",
  unsupported: "is in a format that Loom does not read: save it as KDBX 3 or 4",
};

/**
 * Opens the database of an alias, as the environment says, to read from it.
 *
 * @returns `SECRETS_PROVIDER_UNAVAILABLE` when that is not possible; the message says what to do.
 */
export async function openConfiguredDatabase(
  env: Environment,
  alias: string,
): Promise<Result<KeepassDatabase, SecretError>> {
  const loaded = await loadConfiguredKdbx(env, alias);
  if (!loaded.ok) return loaded;
  const { keepassDatabaseOf } = await import("./keepass-database.ts");
  return ok(keepassDatabaseOf(loaded.value.kdbx));
}

/**
 * Opens the database of an alias, as the environment says, to change it.
 *
 * @returns `SECRETS_PROVIDER_UNAVAILABLE` when that is not possible; the message says what to do.
 */
export async function loadConfiguredKdbx(
  env: Environment,
  alias: string,
): Promise<Result<ConfiguredKdbx, SecretError>> {
  const configured = await readKeepassConfiguration(env, alias);
  if (!configured.ok) return configured;
  const { path, key, variables } = configured.value;
  const bytes = await readKeepassFile(path, `the KeePass database "${path}"`, variables.path);
  if (!bytes.ok) return bytes;
  const { loadKdbx } = await import("./load-kdbx.ts");
  const kdbx = await loadKdbx(bytes.value, key);
  if (typeof kdbx !== "string") return ok({ ...configured.value, kdbx, bytes: bytes.value });
  if (kdbx === "not a key file") return notAKeyFile(`The variable that ${variables.keyFileEnv} names`);
  if (kdbx !== "wrong key") return unavailable(`The file "${path}" of ${variables.path} ${FAULTS[kdbx]}`);
  return unavailable(
    `The password or the key file does not open the KeePass database "${path}": check what ${variables.passwordEnv} and ${variables.keyFileEnv} name`,
  );
}

/** @param source - Where the path of the file comes from. */
export function notAKeyFile(source: string): Result<never, SecretError> {
  return unavailable(`${source} leads to no key file of KeePass: it is damaged, or another file`);
}

function unavailable(message: string): Result<never, SecretError> {
  return err({ code: "SECRETS_PROVIDER_UNAVAILABLE", message });
}
