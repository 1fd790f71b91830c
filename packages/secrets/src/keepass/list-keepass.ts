import { ok, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { readVariable } from "../read-variable.ts";
import type { SecretError } from "../secret-error.ts";
import type { KeepassEntry } from "./keepass-database.ts";
import { openConfiguredDatabase } from "./open-configured-database.ts";

/** A database that the environment names. */
export interface KeepassVault {
  /** One of the aliases that lead to it: in lower case, with `_` for everything but letters and digits. */
  readonly alias: string;
  /** Where its file should be; nobody has looked. */
  readonly path: string;
}

const PATH_VARIABLE = /^LOOM_KEEPASS_DB_([A-Z0-9_]+)_PATH$/;

/** Lists the databases of KeePass that the environment names, sorted by alias. None is opened. */
export function listKeepassVaults(env: Environment): readonly KeepassVault[] {
  return Object.keys(env)
    .toSorted()
    .flatMap((name) => {
      const key = PATH_VARIABLE.exec(name)?.[1];
      const path = readVariable(env, name);
      return key === undefined || path === undefined ? [] : [{ alias: key.toLowerCase(), path }];
    });
}

/**
 * Lists the entries of a database by path and names of fields: what a reference can name, and no value.
 *
 * @returns `SECRETS_PROVIDER_UNAVAILABLE` when the database cannot be opened.
 */
export async function listKeepassItems(
  env: Environment,
  alias: string,
): Promise<Result<readonly KeepassEntry[], SecretError>> {
  const opened = await openConfiguredDatabase(env, alias);
  return opened.ok ? ok(opened.value.entries) : opened;
}
