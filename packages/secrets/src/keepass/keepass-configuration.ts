import { readFile } from "node:fs/promises";
import { err, ok, type Result } from "@loom/core";
import { systemErrorOf, systemErrorReason, type Environment } from "@loom/system";
import { readVariable } from "../read-variable.ts";
import type { SecretError } from "../secret-error.ts";
import type { KeepassKey } from "./load-kdbx.ts";

/** The names of the variables that say where the database of an alias is, and how to open it. */
export interface KeepassVariables {
  /** Holds the path of the database. */
  readonly path: string;
  /** Holds the name of the variable with the password. */
  readonly passwordEnv: string;
  /** Holds the name of the variable with the path of the key file. */
  readonly keyFileEnv: string;
}

/** What the environment says of the database of an alias. */
export interface KeepassConfiguration {
  /** Where its file should be; nobody has looked. */
  readonly path: string;
  readonly key: KeepassKey;
  readonly variables: KeepassVariables;
}

/** The variables of an alias. */
export function keepassVariables(alias: string): KeepassVariables {
  const prefix = `LOOM_KEEPASS_DB_${alias.toUpperCase().replaceAll(/[^A-Z0-9]/gu, "_")}`;
  return {
    path: `${prefix}_PATH`,
    passwordEnv: `${prefix}_PASSWORD_ENV`,
    keyFileEnv: `${prefix}_KEYFILE_ENV`,
  };
}

/**
 * Reads what the environment says of the database of an alias, and its key file.
 *
 * @returns `SECRETS_PROVIDER_UNAVAILABLE` when something is missing; the message says what to do.
 */
export async function readKeepassConfiguration(
  env: Environment,
  alias: string,
): Promise<Result<KeepassConfiguration, SecretError>> {
  const variables = keepassVariables(alias);
  const path = readVariable(env, variables.path);
  if (path === undefined)
    return unavailable(
      `There is no KeePass database ${alias}: set ${variables.path} to the path of its file`,
    );
  const password = named(env, variables.passwordEnv, "the password");
  if (!password.ok) return password;
  const keyFilePath = named(env, variables.keyFileEnv, "the path of the key file");
  if (!keyFilePath.ok) return keyFilePath;
  if (password.value === undefined && keyFilePath.value === undefined)
    return unavailable(
      `Nothing opens the KeePass database ${alias}: set ${variables.passwordEnv} to the name of the variable that holds its password, or ${variables.keyFileEnv} to the name of the one that holds the path of its key file`,
    );
  const keyFile =
    keyFilePath.value === undefined
      ? ok(undefined)
      : await readKeepassFile(
          keyFilePath.value,
          `the key file of the KeePass database ${alias}`,
          variables.keyFileEnv,
        );
  if (!keyFile.ok) return keyFile;
  return ok({ path, key: { password: password.value, keyFile: keyFile.value }, variables });
}

/** @param source - Where the path comes from. */
export async function readKeepassFile(
  path: string,
  what: string,
  source: string,
): Promise<Result<Uint8Array, SecretError>> {
  try {
    return ok(await readFile(path));
  } catch (cause) {
    const reason = systemErrorReason(systemErrorOf(cause));
    return unavailable(`Cannot read ${what}: ${reason}. Check ${source}`);
  }
}

/**
 * The value of the variable that another one names; `undefined` when the other one is not set.
 *
 * @param what - What the named one holds. What is in `pointer` stays out of the message: it may be the password by mistake.
 */
function named(env: Environment, pointer: string, what: string): Result<string | undefined, SecretError> {
  const name = readVariable(env, pointer);
  if (name === undefined) return ok(undefined);
  const value = readVariable(env, name);
  if (value !== undefined) return ok(value);
  return unavailable(
    `The variable that ${pointer} names is not set or empty: ${pointer} has to hold the name of the variable that holds ${what}`,
  );
}

function unavailable(message: string): Result<never, SecretError> {
  return err({ code: "SECRETS_PROVIDER_UNAVAILABLE", message });
}
