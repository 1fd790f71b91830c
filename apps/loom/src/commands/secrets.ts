import {
  createKeepassItem,
  createKeepassVault,
  createOnePasswordItem,
  listKeepassItems,
  listKeepassVaults,
  listOnePasswordItems,
  listOnePasswordVaults,
  updateKeepassItem,
  updateKeepassVault,
  type SecretError,
} from "@loom/secrets";
import { EXIT_CODE } from "../exit-code.ts";
import { printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { readNamed, readSecretValues, type ValueFlags } from "../secret-values.ts";

/** The flags of `loom secrets keepass vault update`. */
export interface VaultUpdateFlags {
  /** The name of the variable with the new password. */
  readonly newPasswordEnv?: string;
  /** The path of the new key file. */
  readonly newKeyFile?: string;
}

/**
 * Lists the KeePass databases that the environment names, by alias. None is opened.
 *
 * @returns 0, even when there are none.
 */
export function keepassVaultListCommand({ stdout, stderr, env }: ProcessIo): number {
  const vaults = listKeepassVaults(env);
  if (vaults.length === 0)
    stderr.write("loom: No variable LOOM_KEEPASS_DB_<ALIAS>_PATH names a KeePass database\n");
  stdout.write(linesOf(vaults.map(({ alias, path }) => [alias, path])));
  return EXIT_CODE.success;
}

/**
 * Makes an empty KeePass database where the environment says that it is.
 *
 * @returns 0; 1 when there is a file, or it cannot be made.
 */
export async function keepassVaultCreateCommand(alias: string, io: ProcessIo): Promise<number> {
  const created = await createKeepassVault(io.env, alias);
  if (!created.ok) return refused(created.error, io);
  io.stdout.write(linesOf([["created", created.value.path]]));
  return EXIT_CODE.success;
}

/**
 * Gives a KeePass database another password or key file.
 *
 * @returns 0; 1 when it cannot be opened or written; 2 without anything to change.
 */
export async function keepassVaultUpdateCommand(
  alias: string,
  { newPasswordEnv, newKeyFile }: VaultUpdateFlags,
  io: ProcessIo,
): Promise<number> {
  if (newPasswordEnv === undefined && newKeyFile === undefined)
    return misused("There is nothing to change: give --new-password-env NAME or --new-key-file PATH", io);
  const password = newPasswordEnv === undefined ? undefined : readNamed(io.env, newPasswordEnv);
  if (newPasswordEnv !== undefined && password === undefined)
    return misused(
      "The variable that --new-password-env names is not set or empty: give the name of the variable that holds the new password",
      io,
    );
  const updated = await updateKeepassVault(io.env, alias, { password, keyFilePath: newKeyFile });
  if (!updated.ok) return refused(updated.error, io);
  io.stdout.write(linesOf([["changed", updated.value.path]]));
  const what =
    password === undefined
      ? "key file"
      : newKeyFile === undefined
        ? "password"
        : "password with the new key file";
  io.stderr.write(
    `loom: From now on the new ${what} opens it: change what the environment says of ${alias}\n`,
  );
  return EXIT_CODE.success;
}

/**
 * Lists the entries of a KeePass database with the names of their fields, never with a value.
 *
 * @returns 0, even when there are none; 1 when the database cannot be opened.
 */
export async function keepassItemListCommand(alias: string, io: ProcessIo): Promise<number> {
  const items = await listKeepassItems(io.env, alias);
  if (!items.ok) return refused(items.error, io);
  io.stdout.write(linesOf(items.value.map(({ path, fields }) => [path, fields.join(", ")])));
  return EXIT_CODE.success;
}

/** An entry of a KeePass database. */
export interface KeepassPlace {
  readonly alias: string;
  /** Groups, then the title, separated by `/`. */
  readonly path: string;
}

/**
 * Makes an entry in a KeePass database, and prints the references to its fields.
 *
 * @returns 0; 1 when there is one already, or it cannot be made; 2 without a value to store.
 */
export async function keepassItemCreateCommand(
  place: KeepassPlace,
  flags: ValueFlags,
  io: ProcessIo,
): Promise<number> {
  const values = await readSecretValues(flags, io, "Password");
  if (typeof values === "string") return misused(values, io);
  const created = await createKeepassItem(io.env, place.alias, { path: place.path, values });
  if (!created.ok) return refused(created.error, io);
  io.stdout.write(linesOf([...values.keys()].map((field) => ["created", keepassRef(place, field)])));
  return EXIT_CODE.success;
}

/**
 * Changes fields of an entry in a KeePass database.
 *
 * @returns 0, even when all had their values already; 1 when there is no such entry, or it cannot be changed; 2 without a
 *   value to store.
 */
export async function keepassItemUpdateCommand(
  place: KeepassPlace,
  flags: ValueFlags,
  io: ProcessIo,
): Promise<number> {
  const values = await readSecretValues(flags, io, "Password");
  if (typeof values === "string") return misused(values, io);
  const updated = await updateKeepassItem(io.env, place.alias, { path: place.path, values });
  if (!updated.ok) return refused(updated.error, io);
  const { changed, added, same } = updated.value;
  const rows = Object.entries({ changed, added, "as it was": same });
  io.stdout.write(
    linesOf(
      rows.flatMap(([what, fields]) => fields.map((field) => [what, keepassRef(place, field)] as const)),
    ),
  );
  return EXIT_CODE.success;
}

/**
 * Lists the vaults of 1Password that the token may read, with their ids.
 *
 * @returns 0, even when there are none; 1 when 1Password cannot be asked.
 */
export async function onePasswordVaultListCommand(io: ProcessIo): Promise<number> {
  const vaults = await listOnePasswordVaults(io.env);
  if (!vaults.ok) return refused(vaults.error, io);
  if (vaults.value.length === 0)
    io.stderr.write("loom: The token of OP_SERVICE_ACCOUNT_TOKEN may read no vault\n");
  io.stdout.write(linesOf(vaults.value.map(({ title, id }) => [title, id])));
  return EXIT_CODE.success;
}

/**
 * Lists the items of a vault of 1Password with their ids, never with a value.
 *
 * @returns 0, even when there are none; 1 when there is no such vault, or 1Password cannot be asked.
 */
export async function onePasswordItemListCommand(vault: string, io: ProcessIo): Promise<number> {
  const items = await listOnePasswordItems(io.env, vault);
  if (!items.ok) return refused(items.error, io);
  io.stdout.write(linesOf(items.value.map(({ title, id }) => [title, id])));
  return EXIT_CODE.success;
}

/**
 * Makes an item in a vault of 1Password, and prints the references to its fields.
 *
 * @returns 0; 1 when there is one already, or it cannot be made; 2 without a value to store.
 */
export async function onePasswordItemCreateCommand(
  place: { readonly vault: string; readonly title: string },
  flags: ValueFlags,
  io: ProcessIo,
): Promise<number> {
  const values = await readSecretValues(flags, io, "password");
  if (typeof values === "string") return misused(values, io);
  const created = await createOnePasswordItem(io.env, { ...place, values });
  if (!created.ok) return refused(created.error, io);
  io.stdout.write(linesOf([...created.value.values()].map((ref) => ["created", ref])));
  return EXIT_CODE.success;
}

function keepassRef({ alias, path }: KeepassPlace, field: string): string {
  return `keepass://${alias}#${path}:${field}`;
}

function refused({ message }: SecretError, { stderr }: ProcessIo): number {
  stderr.write(printable(`loom: ${message}\n`));
  return EXIT_CODE.failure;
}

function misused(message: string, { stderr }: ProcessIo): number {
  stderr.write(`loom: ${message}\n`);
  return EXIT_CODE.usage;
}

function linesOf(rows: readonly (readonly [string, string])[]): string {
  const shown = rows.map(([first, second]) => [oneLine(first), oneLine(second)] as const);
  const width = Math.max(0, ...shown.map(([first]) => first.length));
  return shown.map(([first, second]) => `${first.padEnd(width)}  ${second}\n`).join("");
}

/** A title may have more than one line. */
function oneLine(text: string): string {
  return printable(text.replaceAll("\n", "\\n"));
}
