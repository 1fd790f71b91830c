import { err, ok, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { readVariable } from "../read-variable.ts";
import type { SecretError } from "../secret-error.ts";
import type { SecretSource } from "../secret-source.ts";
import { connectWithSdk, type OnePasswordClient } from "./one-password-client.ts";
import { ONE_PASSWORD_TOKEN, onePasswordErrorOf } from "./one-password-error.ts";

/** How to reach 1Password. */
export interface OnePasswordOptions {
  /** Makes a client from the token of a service account. Default: with `@1password/sdk`, loaded when it is needed. */
  readonly connect?: ((token: string) => Promise<OnePasswordClient>) | undefined;
}

/** Source: 1Password, "Secret reference syntax". */
const REF = /^op:\/\/[^/?]+\/[^/?]+(?:\/[^/?]+){1,2}(?:\?.+)?$/;

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
      const token = readVariable(env, ONE_PASSWORD_TOKEN);
      if (token !== undefined) return ask(ref, token);
      return err({
        code: "SECRETS_PROVIDER_UNAVAILABLE",
        message: `Cannot ask 1Password for ${ref}: set ${ONE_PASSWORD_TOKEN} to the token of a service account`,
      });
    },
    keysOf: () => {
      const token = readVariable(env, ONE_PASSWORD_TOKEN);
      return token === undefined ? [] : [[ONE_PASSWORD_TOKEN, token]];
    },
  };
}

function errorOf(thrown: unknown, ref: string): SecretError {
  return onePasswordErrorOf(thrown, { ask: `Cannot ask 1Password for ${ref}`, act: `Cannot get ${ref}` });
}
