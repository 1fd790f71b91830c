import { err, ok, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { readVariable } from "../read-variable.ts";
import type { SecretError } from "../secret-error.ts";
import type { SecretSource } from "../secret-source.ts";
import type { KeepassDatabase } from "./keepass-database.ts";
import { parseKeepassRef, type KeepassRef } from "./keepass-ref.ts";
import { keepassVariables } from "./keepass-configuration.ts";
import { openConfiguredDatabase } from "./open-configured-database.ts";

/**
 * Secrets in databases of KeePass: `keepass://alias#group/title:Password` is a field of an entry.
 *
 * For the alias `team`, `LOOM_KEEPASS_DB_TEAM_PATH` is the file, `LOOM_KEEPASS_DB_TEAM_PASSWORD_ENV` the name of the
 * variable that holds its password, and `LOOM_KEEPASS_DB_TEAM_KEYFILE_ENV` the name of the one that holds the path of its
 * key file. A database is opened for the first reference to it, and stays in memory as long as the source does.
 */
export function createKeepassSource(env: Environment): SecretSource {
  /** By alias. */
  const databases = new Map<string, Promise<Result<KeepassDatabase, SecretError>>>();

  async function databaseOf(alias: string): Promise<Result<KeepassDatabase, SecretError>> {
    const opening = databases.get(alias) ?? openConfiguredDatabase(env, alias);
    databases.set(alias, opening);
    const opened = await opening;
    // The next job tries again: the file may be on a disk that was not there.
    if (!opened.ok) databases.delete(alias);
    return opened;
  }

  return {
    scheme: "keepass",
    resolve: async (ref) => {
      const parsed = parseKeepassRef(ref);
      if (!parsed.ok) return parsed;
      const opened = await databaseOf(parsed.value.alias);
      return opened.ok ? valueIn(opened.value, parsed.value) : opened;
    },
    keysOf: (ref) => {
      const parsed = parseKeepassRef(ref);
      if (!parsed.ok) return [];
      const name = readVariable(env, keepassVariables(parsed.value.alias).passwordEnv);
      const password = name === undefined ? undefined : readVariable(env, name);
      return name === undefined || password === undefined ? [] : [[name, password]];
    },
  };
}

function valueIn(
  database: KeepassDatabase,
  { alias, entry, field }: KeepassRef,
): Result<string, SecretError> {
  const found = database.find(entry);
  const [fields] = found;
  if (fields === undefined)
    return err({
      code: "SECRETS_REF_NOT_FOUND",
      message: `The KeePass database ${alias} has no entry "${entry}"`,
    });
  if (found.length > 1)
    return err({
      code: "SECRETS_REF_INVALID",
      message: `"${entry}" is ambiguous: the KeePass database ${alias} has ${found.length} entries of that path. Rename all but one`,
    });
  const value = fields.get(field);
  if (value !== undefined && value !== "") return ok(value);
  return err({
    code: "SECRETS_REF_NOT_FOUND",
    message:
      value === undefined
        ? `The entry "${entry}" of the KeePass database ${alias} has no field "${field}", only ${fields.names.join(", ")}`
        : `The field "${field}" of the entry "${entry}" of the KeePass database ${alias} is empty`,
  });
}
