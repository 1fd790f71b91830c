import type { ErrorCode, EventError } from "@loom/core";

/** The codes of this package. */
export type SecretErrorCode = Extract<ErrorCode, `SECRETS_${string}`>;

/** Why a secret cannot be had. Its message never holds a value. */
export interface SecretError extends EventError {
  readonly code: SecretErrorCode;
}
