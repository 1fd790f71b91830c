import { err, ok, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import { readVariable } from "../read-variable.ts";
import type { SecretError } from "../secret-error.ts";
import { connectWithSdk, type OnePasswordItemClient, type OnePasswordNamed } from "./one-password-client.ts";
import { ONE_PASSWORD_TOKEN, onePasswordErrorOf } from "./one-password-error.ts";

/** How to reach 1Password to list and to make items. */
export interface OnePasswordItemOptions {
  /** Makes a client from the token of a service account. Default: with `@1password/sdk`, loaded when it is needed. */
  readonly connect?: ((token: string) => Promise<OnePasswordItemClient>) | undefined;
}

/** An item to make. */
export interface OnePasswordItem {
  /** The title or the id of its vault. */
  readonly vault: string;
  readonly title: string;
  /** The values of fields by name, such as `password`. */
  readonly values: ReadonlyMap<string, string>;
}

/** What a reference may have in a name; anything else needs an id. Source: 1Password, "Secret reference syntax". */
const REFERABLE = /^[A-Za-z0-9_.-](?:[A-Za-z0-9_. -]*[A-Za-z0-9_.-])?$/;

/**
 * Lists the vaults that the token may read, as 1Password has them.
 *
 * @returns `SECRETS_PROVIDER_UNAVAILABLE` when 1Password cannot be asked.
 */
export async function listOnePasswordVaults(
  env: Environment,
  options: OnePasswordItemOptions = {},
): Promise<Result<readonly OnePasswordNamed[], SecretError>> {
  return await asked(env, { ...options, act: "list the vaults" }, vaultsOf);
}

/**
 * Lists the items of a vault, without those that are archived, as 1Password has them.
 *
 * @param vault - Its title or its id.
 * @returns `SECRETS_REF_NOT_FOUND` when there is no such vault, `SECRETS_REF_INVALID` when there are several,
 *   `SECRETS_PROVIDER_UNAVAILABLE` when 1Password cannot be asked.
 */
export async function listOnePasswordItems(
  env: Environment,
  vault: string,
  options: OnePasswordItemOptions = {},
): Promise<Result<readonly OnePasswordNamed[], SecretError>> {
  return await asked(env, { ...options, act: `list the items of the vault "${vault}"` }, async (client) => {
    const found = await vaultOf(client, vault);
    return found.ok ? ok((await client.items.list(found.value.id)).map(named)) : found;
  });
}

/**
 * Makes a login with values in its fields: `username` as text, all others concealed.
 *
 * @returns A reference to each field, by name. `SECRETS_EXISTS` when the vault has an item of that title,
 *   `SECRETS_REF_INVALID` when a name cannot be, and what `listOnePasswordItems` returns.
 */
export async function createOnePasswordItem(
  env: Environment,
  { vault, title, values }: OnePasswordItem,
  options: OnePasswordItemOptions = {},
): Promise<Result<ReadonlyMap<string, string>, SecretError>> {
  const problem = problemOf(title, values);
  if (problem !== undefined) return err({ code: "SECRETS_REF_INVALID", message: problem });
  const act = `make the item "${title}" in the vault "${vault}"`;
  return await asked(env, { ...options, act }, async (client) => {
    const found = await vaultOf(client, vault);
    if (!found.ok) return found;
    const there = await client.items.list(found.value.id);
    if (there.some((item) => isAlike(item.title, title)))
      return err({
        code: "SECRETS_EXISTS",
        message: `The vault "${vault}" has an item "${title}" already, which stays as it is. Name another title`,
      });
    const made = await client.items.create({
      category: "Login",
      vaultId: found.value.id,
      title,
      fields: [...values].map(([name, value]) => ({
        id: name,
        title: name,
        fieldType: name === "username" ? "Text" : "Concealed",
        value,
      })),
    });
    const place = `op://${referable(found.value)}/${referable({ id: made.id, title })}`;
    return ok(new Map([...values.keys()].map((name) => [name, `${place}/${name}`])));
  });
}

async function asked<T>(
  env: Environment,
  { connect = connectWithSdk, act }: OnePasswordItemOptions & { readonly act: string },
  ask: (client: OnePasswordItemClient) => Promise<Result<T, SecretError>>,
): Promise<Result<T, SecretError>> {
  const token = readVariable(env, ONE_PASSWORD_TOKEN);
  if (token === undefined)
    return err({
      code: "SECRETS_PROVIDER_UNAVAILABLE",
      message: `Cannot ask 1Password to ${act}: set ${ONE_PASSWORD_TOKEN} to the token of a service account`,
    });
  try {
    return await ask(await connect(token));
  } catch (thrown) {
    return err(onePasswordErrorOf(thrown, { ask: `Cannot ask 1Password to ${act}`, act: `Cannot ${act}` }));
  }
}

async function vaultsOf(
  client: OnePasswordItemClient,
): Promise<Result<readonly OnePasswordNamed[], SecretError>> {
  return ok((await client.vaults.list({ decryptDetails: true })).map(named));
}

async function vaultOf(
  client: OnePasswordItemClient,
  vault: string,
): Promise<Result<OnePasswordNamed, SecretError>> {
  const vaults = await client.vaults.list({ decryptDetails: true });
  const byId = vaults.find(({ id }) => id === vault);
  const [found = byId, ...others] = vaults.filter(({ title }) => isAlike(title, vault));
  if (found === undefined)
    return err({
      code: "SECRETS_REF_NOT_FOUND",
      message: `1Password has no vault "${vault}", or the token of ${ONE_PASSWORD_TOKEN} may not read it: loom secrets op vault list names those it may`,
    });
  if (byId === undefined && others.length > 0)
    return err({
      code: "SECRETS_REF_INVALID",
      message: `"${vault}" is ambiguous: 1Password has ${others.length + 1} vaults of that title. Name one by its id`,
    });
  return ok(byId ?? found);
}

/** Only what is promised of an answer, which has more. */
function named({ id, title }: OnePasswordNamed): OnePasswordNamed {
  return { id, title };
}

/** References do not tell upper from lower case. */
function isAlike(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function referable({ id, title }: OnePasswordNamed): string {
  return REFERABLE.test(title) ? title : id;
}

function problemOf(title: string, values: ReadonlyMap<string, string>): string | undefined {
  if (title.trim() === "") return "An item needs a title";
  if (values.size === 0) return "An item needs the value of a field";
  for (const [name, value] of values) {
    if (!REFERABLE.test(name))
      return `"${name}" cannot be the name of a field, as no reference could name it: it may have letters from A to Z, digits, -, _, . and spaces inside`;
    if (value === "") return `The value of the field "${name}" is empty`;
    if (!value.isWellFormed() || value.includes("\0"))
      return `The value of the field "${name}" is not text: it has a NUL byte or is not in UTF-8`;
  }
  const names = [...values.keys()].map((name) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined
    ? undefined
    : `The field "${twice}" is there twice: references do not tell upper from lower case`;
}
