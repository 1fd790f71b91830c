import { err, type Result } from "@loom/core";
import type { SecretError } from "./secret-error.ts";

/** Where the secrets of one scheme are. */
export interface SecretSource {
  /** What stands before `://` in its references: a lower-case letter, then lower-case letters, digits, `+`, `.` or `-`. */
  readonly scheme: string;
  /**
   * Gets the value behind a reference.
   *
   * @param ref - The whole reference, with this scheme.
   * @returns `SECRETS_REF_NOT_FOUND` when there is no such secret, `SECRETS_REF_INVALID` when the reference
   *   cannot mean anything here, `SECRETS_PROVIDER_UNAVAILABLE` when the source cannot be asked.
   */
  resolve(ref: string): Promise<Result<string, SecretError>>;
  /**
   * Names what unlocks the place of a reference: a password or a token in the environment, by its variable. Programs
   * that inherit the environment have it, too, so it has to be hidden like a secret. Nothing is looked up.
   */
  keysOf?(ref: string): readonly (readonly [name: string, value: string])[];
}

/** Source: RFC 3986, 3.1; in lower case, as workflows write it. */
const REF = /^([a-z][a-z0-9+.-]*):\/\/\S/;

/**
 * Gets the value behind a reference from the source that has its scheme.
 *
 * @param sources - Of several with one scheme the first counts.
 * @returns What the source answered; `SECRETS_REF_INVALID` for what is no reference, `SECRETS_PROVIDER_UNAVAILABLE`
 *   when no source has its scheme.
 */
export async function resolveSecret(
  ref: string,
  sources: readonly SecretSource[],
): Promise<Result<string, SecretError>> {
  const scheme = REF.exec(ref)?.[1];
  if (scheme === undefined)
    return err({
      code: "SECRETS_REF_INVALID",
      message: `"${ref}" is not a reference to a secret, such as env://NAME`,
    });
  const source = sources.find((candidate) => candidate.scheme === scheme);
  if (source !== undefined) return source.resolve(ref);
  const known = sources.map((candidate) => `${candidate.scheme}://`).join(", ");
  return err({
    code: "SECRETS_PROVIDER_UNAVAILABLE",
    message: `Nothing here reads "${ref}": ${known === "" ? "no scheme is" : `only ${known} is`} supported`,
  });
}
