import { err, ok, type Result } from "@loom/core";
import type { SecretError } from "../secret-error.ts";

/** A field of an entry in a database of KeePass. */
export interface KeepassRef {
  /** Which database. */
  readonly alias: string;
  /** Names of groups, then the title, separated by `/`; without the root group. */
  readonly entry: string;
  readonly field: string;
}

/** The last `:` separates the field: a title may have one, too. */
const REF = /^keepass:\/\/([^#/\s]+)#([^/].*):([^:]+)$/s;

/** @returns `SECRETS_REF_INVALID` when it is malformed. */
export function parseKeepassRef(ref: string): Result<KeepassRef, SecretError> {
  const [, alias, entry, field] = REF.exec(ref) ?? [];
  if (alias === undefined || entry === undefined || field === undefined || entry.endsWith("/"))
    return err({
      code: "SECRETS_REF_INVALID",
      message: `"${ref}" does not name a field of an entry: write keepass://alias#group/title:Password`,
    });
  return ok({ alias, entry, field });
}
