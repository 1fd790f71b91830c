import { err, ok } from "@loom/core";
import type { Environment } from "@loom/system";
import { readVariable } from "./read-variable.ts";
import type { SecretSource } from "./secret-source.ts";

/** Source: POSIX, "Environment Variable Definition", and lower case as well. */
const REF = /^env:\/\/([A-Za-z_][A-Za-z0-9_]*)$/;

/**
 * Secrets in an environment: `env://NAME` is the variable `NAME`.
 *
 * One that is empty counts as missing: many a CI passes on a secret that it does not have as an empty variable.
 */
export function createEnvSource(env: Environment): SecretSource {
  return {
    scheme: "env",
    resolve: async (ref) => {
      const name = REF.exec(ref)?.[1];
      if (name === undefined)
        return err({
          code: "SECRETS_REF_INVALID",
          message: `"${ref}" does not name an environment variable: write env://NAME, with letters, digits and _`,
        });
      const value = readVariable(env, name);
      if (value !== undefined) return ok(value);
      const state = Object.hasOwn(env, name) && env[name] === "" ? "empty" : "not set";
      return err({
        code: "SECRETS_REF_NOT_FOUND",
        message: `The environment variable ${name} is ${state}`,
      });
    },
  };
}
