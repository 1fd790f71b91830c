export {
  openSecrets,
  removeLeftSecrets,
  secretsInMemory,
  type JobSecrets,
  type OpenSecretsOptions,
} from "./open-secrets.ts";
export { createEnvSource } from "./env-source.ts";
export { createKeepassSource } from "./keepass/keepass-source.ts";
export { listKeepassItems, listKeepassVaults, type KeepassVault } from "./keepass/list-keepass.ts";
export {
  createKeepassVault,
  updateKeepassVault,
  type KeepassKeyChange,
} from "./keepass/write-keepass-vault.ts";
export {
  createKeepassItem,
  updateKeepassItem,
  type KeepassItemChange,
  type KeepassItemUpdate,
} from "./keepass/write-keepass-item.ts";
export type { KeepassEntry } from "./keepass/keepass-database.ts";
export { createOnePasswordSource, type OnePasswordOptions } from "./one-password/one-password-source.ts";
export {
  createOnePasswordItem,
  listOnePasswordItems,
  listOnePasswordVaults,
  type OnePasswordItem,
  type OnePasswordItemOptions,
} from "./one-password/one-password-items.ts";
export type {
  OnePasswordClient,
  OnePasswordItemClient,
  OnePasswordNamed,
  OnePasswordNewItem,
} from "./one-password/one-password-client.ts";
export { resolveSecret, type SecretSource } from "./secret-source.ts";
export type { SecretError, SecretErrorCode } from "./secret-error.ts";
export { createRedactor, type Redactor, type RedactorStream } from "./redaction/create-redactor.ts";
export { isRedactable } from "./redaction/value-length.ts";
