import { readFile } from "node:fs/promises";
import { err, ok, type Result } from "@loom/core";
import { systemErrorOf, systemErrorReason, type Environment } from "@loom/system";
import { readVariable } from "../read-variable.ts";
import type { SecretError } from "../secret-error.ts";
import type { KeepassDatabase, KeepassFault } from "./keepass-database.ts";

/** The names of the variables that say where the database of an alias is, and how to open it. */
interface KeepassVariables {
  /** Holds the path of the database. */
  readonly path: string;
  /** Holds the name of the variable with the password. */
  readonly passwordEnv: string;
  /** Holds the name of the variable with the path of the key file. */
  readonly keyFileEnv: string;
}

const FAULTS: Readonly<Record<Exclude<KeepassFault, "not a key file" | "wrong key">, string>> = {
  damaged: "is damaged: restore it from a copy",
  "not a database": "is no KeePass database: Loom reads KDBX 3 and 4",
  unsupported: "is in a format that Loom does not read: save it as KDBX 3 or 4",
};

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
 * Opens the database of an alias, as the environment says.
 *
 * @returns `SECRETS_PROVIDER_UNAVAILABLE` when that is not possible; the message says what to do.
 */
export async function openConfiguredDatabase(
  env: Environment,
  alias: string,
): Promise<Result<KeepassDatabase, SecretError>> {
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
  const bytes = await contentsOf(path, `the KeePass database "${path}"`, variables.path);
  if (!bytes.ok) return bytes;
  const keyFile =
    keyFilePath.value === undefined
      ? ok(undefined)
      : await contentsOf(
          keyFilePath.value,
          `the key file of the KeePass database ${alias}`,
          variables.keyFileEnv,
        );
  if (!keyFile.ok) return keyFile;
  const { openKeepassDatabase } = await import("./keepass-database.ts");
  const opened = await openKeepassDatabase(bytes.value, {
    password: password.value,
    keyFile: keyFile.value,
  });
  if (typeof opened !== "string") return ok(opened);
  if (opened === "not a key file")
    return unavailable(
      `The variable that ${variables.keyFileEnv} names leads to no key file of KeePass: it is damaged, or another file`,
    );
  if (opened !== "wrong key") return unavailable(`The file "${path}" of ${variables.path} ${FAULTS[opened]}`);
  return unavailable(
    `The password or the key file does not open the KeePass database "${path}": check what ${variables.passwordEnv} and ${variables.keyFileEnv} name`,
  );
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

/** @param variable - Where the path comes from. */
async function contentsOf(
  path: string,
  what: string,
  variable: string,
): Promise<Result<Uint8Array, SecretError>> {
  try {
    return ok(await readFile(path));
  } catch (cause) {
    const reason = systemErrorReason(systemErrorOf(cause));
    return unavailable(`Cannot read ${what}: ${reason}. Check ${variable}`);
  }
}

function unavailable(message: string): Result<never, SecretError> {
  return err({ code: "SECRETS_PROVIDER_UNAVAILABLE", message });
}
