import { howToInstall } from "@loom/system";
import type { SecretError, SecretErrorCode } from "../secret-error.ts";
import { SdkMissingError } from "./one-password-client.ts";

/** Holds the token of a service account. */
export const ONE_PASSWORD_TOKEN = "OP_SERVICE_ACCOUNT_TOKEN";

/**
 * What the SDK says, and what it means here; the first that matches counts. Its own words stay out of messages:
 * they may quote parts of the token. Source: `@1password/sdk-core` 0.5.0.
 */
const REASONS: readonly (readonly [said: RegExp, code: SecretErrorCode, reason: string])[] = [
  [
    /no vault matched|vault couldn't be found/,
    "SECRETS_REF_NOT_FOUND",
    "1Password has no such vault, or the token may not read it",
  ],
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
    `1Password refuses the token: check ${ONE_PASSWORD_TOKEN}`,
  ],
  [/right permissions/, "SECRETS_PROVIDER_UNAVAILABLE", `the token of ${ONE_PASSWORD_TOKEN} may not do that`],
  [/rate limit/, "SECRETS_PROVIDER_UNAVAILABLE", "the token was used too often: wait, then try again"],
];

/** How the message of an error begins: what could not be done. */
interface OnePasswordAttempt {
  /** When nobody could be asked. */
  readonly ask: string;
  /** When the answer was no. */
  readonly act: string;
}

/** What something that the SDK threw means. */
export function onePasswordErrorOf(thrown: unknown, { ask, act }: OnePasswordAttempt): SecretError {
  if (thrown instanceof SdkMissingError)
    return {
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: `${ask}: its SDK is not installed. Run ${howToInstall("@1password/sdk")}`,
    };
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  const [, code, reason] = REASONS.find(([pattern]) => pattern.test(said)) ?? [
    undefined,
    "SECRETS_PROVIDER_UNAVAILABLE" as const,
    "the request failed. Check the connection to 1Password",
  ];
  return { code, message: `${act}: ${reason}` };
}
