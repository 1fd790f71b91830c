import { err, ok, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { readVariable } from "../read-variable.ts";
import type { SecretError, SecretErrorCode } from "../secret-error.ts";
import type { SecretSource } from "../secret-source.ts";
import { connectWithSdk, SdkMissingError, type OnePasswordClient } from "./one-password-client.ts";

/** How to reach 1Password. */
export interface OnePasswordOptions {
  /** Makes a client from the token of a service account. Default: with `@1password/sdk`, loaded when it is needed. */
  readonly connect?: ((token: string) => Promise<OnePasswordClient>) | undefined;
}

/** Source: 1Password, "Secret reference syntax". */
const REF = /^op:\/\/[^/?]+\/[^/?]+(?:\/[^/?]+){1,2}(?:\?.+)?$/;

const TOKEN = "OP_SERVICE_ACCOUNT_TOKEN";

/**
 * What the SDK says, and what it means here; the first that matches counts. Its own words stay out of messages:
 * they may quote parts of the token. Source: `@1password/sdk-core` 0.5.0.
 */
const REASONS: readonly (readonly [said: RegExp, code: SecretErrorCode, reason: string])[] = [
  [/no vault matched/, "SECRETS_REF_NOT_FOUND", "1Password has no such vault, or the token may not read it"],
  [/no item matched/, "SECRETS_REF_NOT_FOUND", "the vault has no such item"],
  [/no section (?:matched|found)/, "SECRETS_REF_NOT_FOUND", "the item has no such section"],
  [/field cannot be found|no file field found/, "SECRETS_REF_NOT_FOUND", "the item has no such field"],
  [
    /more than one (?:vault|item|field) matched/,
    "SECRETS_REF_INVALID",
    "it is ambiguous: name the vault, the item or the field by its id",
  ],
  [
    /could not be parsed|secret reference has invalid|invalid character in secret reference/,
    "SECRETS_REF_INVALID",
    "1Password does not take it as a reference",
  ],
  [
    /service account token|not authenticated/,
    "SECRETS_PROVIDER_UNAVAILABLE",
    `1Password refuses the token: check ${TOKEN}`,
  ],
  [/right permissions/, "SECRETS_PROVIDER_UNAVAILABLE", `the token of ${TOKEN} may not read it`],
  [/rate limit/, "SECRETS_PROVIDER_UNAVAILABLE", "the token was used too often: wait, then try again"],
];

/**
 * Secrets in 1Password: `op://vault/item/field`, or `op://vault/item/section/field`.
 *
 * `OP_SERVICE_ACCOUNT_TOKEN` is the token of a service account. The connection is made for the first reference.
 */
export function createOnePasswordSource(
  env: Environment,
  { connect = connectWithSdk }: OnePasswordOptions = {},
): SecretSource {
  let client: Promise<OnePasswordClient> | undefined;

  async function ask(ref: string, token: string): Promise<Result<string, SecretError>> {
    let connected: OnePasswordClient;
    try {
      connected = await (client ??= connect(token));
    } catch (thrown) {
      // The next job tries again.
      client = undefined;
      return err(errorOf(thrown, ref));
    }
    try {
      const value = await connected.secrets.resolve(ref);
      if (value !== "") return ok(value);
      return err({ code: "SECRETS_REF_NOT_FOUND", message: `The value of ${ref} is empty` });
    } catch (thrown) {
      return err(errorOf(thrown, ref));
    }
  }

  return {
    scheme: "op",
    resolve: async (ref) => {
      if (!REF.test(ref))
        return err({
          code: "SECRETS_REF_INVALID",
          message: `"${ref}" does not name a field of an item: write op://vault/item/field or op://vault/item/section/field`,
        });
      const token = readVariable(env, TOKEN);
      if (token !== undefined) return ask(ref, token);
      return err({
        code: "SECRETS_PROVIDER_UNAVAILABLE",
        message: `Cannot ask 1Password for ${ref}: set ${TOKEN} to the token of a service account`,
      });
    },
    keysOf: () => {
      const token = readVariable(env, TOKEN);
      return token === undefined ? [] : [[TOKEN, token]];
    },
  };
}

function errorOf(thrown: unknown, ref: string): SecretError {
  if (thrown instanceof SdkMissingError)
    return {
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: `Cannot ask 1Password for ${ref}: its SDK is not installed. Run npm install @1password/sdk where Loom is installed, with -g when Loom is global`,
    };
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const [, code, reason] = REASONS.find(([pattern]) => pattern.test(said)) ?? [
    undefined,
    "SECRETS_PROVIDER_UNAVAILABLE" as const,
    "the request failed. Check the connection to 1Password",
  ];
  return { code, message: `Cannot get ${ref}: ${reason}` };
}
