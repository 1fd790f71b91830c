import { lstatSync } from "node:fs";
import { ok, type Result } from "@loom/core";
import { systemErrorOf, type Environment } from "@loom/system";
import type { SecretError } from "../secret-error.ts";
import { readKeepassConfiguration, readKeepassFile } from "./keepass-configuration.ts";
import type { KeepassVault } from "./list-keepass.ts";
import { loadConfiguredKdbx, notAKeyFile } from "./open-configured-database.ts";
import { keepassFileExists, notTheSame, placeKeepassFile, replaceKeepassFile } from "./write-keepass-file.ts";

/** What is to open a database from now on. What is left out stays. */
export interface KeepassKeyChange {
  readonly password?: string | undefined;
  readonly keyFilePath?: string | undefined;
}

/**
 * Makes an empty database, KDBX 4 with Argon2id and mode 0600, where the environment says that the one of an alias is,
 * to be opened with the password and the key file that the environment names.
 *
 * @returns `SECRETS_EXISTS` when there is a file already, `SECRETS_PROVIDER_UNAVAILABLE` when the environment does not say
 *   enough, `SECRETS_IO` when the file cannot be written.
 */
export async function createKeepassVault(
  env: Environment,
  alias: string,
): Promise<Result<KeepassVault, SecretError>> {
  const configured = await readKeepassConfiguration(env, alias);
  if (!configured.ok) return configured;
  const { path, key, variables } = configured.value;
  // Said before the second that the key takes.
  if (isThere(path)) return keepassFileExists(path);
  const { kdbxCredentialsOf } = await import("./load-kdbx.ts");
  const { makeKdbx, saveKdbx } = await import("./change-kdbx.ts");
  const credentials = await kdbxCredentialsOf(key);
  if (credentials === undefined) return notAKeyFile(`The variable that ${variables.keyFileEnv} names`);
  const bytes = await saveKdbx(makeKdbx(credentials, alias), key);
  if (bytes === undefined) return notTheSame(path);
  const placed = placeKeepassFile(path, bytes);
  return placed.ok ? ok({ alias, path }) : placed;
}

/**
 * Gives a database another password, another key file or both. All entries stay, with their history.
 *
 * It is opened with what the environment names; afterwards that has to lead to the new ones.
 *
 * @returns `SECRETS_PROVIDER_UNAVAILABLE` when the database or the new key file cannot be read, `SECRETS_IO` when it
 *   cannot be written; then the old file is as it was.
 */
export async function updateKeepassVault(
  env: Environment,
  alias: string,
  { password, keyFilePath }: KeepassKeyChange,
): Promise<Result<KeepassVault, SecretError>> {
  const loaded = await loadConfiguredKdbx(env, alias);
  if (!loaded.ok) return loaded;
  const { path, key, kdbx } = loaded.value;
  const source = `"${keyFilePath}"`;
  const keyFile =
    keyFilePath === undefined
      ? ok(key.keyFile)
      : await readKeepassFile(keyFilePath, "the new key file", source);
  if (!keyFile.ok) return keyFile;
  const { kdbxCredentialsOf } = await import("./load-kdbx.ts");
  const { lockKdbx, saveKdbx } = await import("./change-kdbx.ts");
  const newKey = { password: password ?? key.password, keyFile: keyFile.value };
  const credentials = await kdbxCredentialsOf(newKey);
  if (credentials === undefined) return notAKeyFile(source);
  lockKdbx(kdbx, credentials);
  const bytes = await saveKdbx(kdbx, newKey);
  if (bytes === undefined) return notTheSame(path);
  const replaced = replaceKeepassFile(loaded.value, bytes);
  return replaced.ok ? ok({ alias, path }) : replaced;
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    // Whatever keeps this from being looked at keeps the file from being written, which says so.
    systemErrorOf(cause);
    return false;
  }
}
