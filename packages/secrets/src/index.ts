export { openSecrets, removeLeftSecrets, type JobSecrets, type OpenSecretsOptions } from "./open-secrets.ts";
export { createEnvSource } from "./env-source.ts";
export { resolveSecret, type SecretSource } from "./secret-source.ts";
export type { SecretError, SecretErrorCode } from "./secret-error.ts";
export { createRedactor, type Redactor, type RedactorStream } from "./redaction/create-redactor.ts";
export { isRedactable } from "./redaction/value-length.ts";
