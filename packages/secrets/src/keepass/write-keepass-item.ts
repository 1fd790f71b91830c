import { err, ok, type Result } from "@loom/core";
import type { Environment } from "@loom/system";
import type { SecretError } from "../secret-error.ts";
import { loadConfiguredKdbx, type ConfiguredKdbx } from "./open-configured-database.ts";
import { notTheSame, replaceKeepassFile } from "./write-keepass-file.ts";

/** An entry to make, or what is to change in one. */
export interface KeepassItemChange {
  /** Names of groups below the root group, then the title, separated by `/`, as in a reference. */
  readonly path: string;
  /** The values of fields by name, such as `Password`. `Title` is the end of the path. */
  readonly values: ReadonlyMap<string, string>;
}

/** What became of the fields of an entry, by name, in the order in which they were given. */
export interface KeepassItemUpdate {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** Those that had this value already. */
  readonly same: readonly string[];
}

/** What KDBX, which is XML, cannot hold or would change in a name, and what nobody could type. */
// oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
const UNWRITABLE = /[\u0000-\u001F\u007F-\u009F\uFFFE\uFFFF]/;

/**
 * Makes an entry in a database, and the groups of its path that are missing.
 *
 * @returns `SECRETS_EXISTS` when there is one of that path, `SECRETS_REF_INVALID` when the path or a field cannot be,
 *   `SECRETS_PROVIDER_UNAVAILABLE` when the database cannot be opened, `SECRETS_IO` when it cannot be written; then the
 *   old file is as it was.
 */
export async function createKeepassItem(
  env: Environment,
  alias: string,
  { path, values }: KeepassItemChange,
): Promise<Result<undefined, SecretError>> {
  const problem = pathProblem(path) ?? valuesProblem(values);
  if (problem !== undefined) return refused(problem);
  const loaded = await loadConfiguredKdbx(env, alias);
  if (!loaded.ok) return loaded;
  const { kdbxEntriesOf } = await import("./kdbx-entries.ts");
  if (kdbxEntriesOf(loaded.value.kdbx).some(([found]) => found === path))
    return err({
      code: "SECRETS_EXISTS",
      message: `The KeePass database ${alias} has an entry "${path}" already, which stays as it is. Change it with item update, or name another path`,
    });
  const { addKdbxEntry } = await import("./change-kdbx.ts");
  addKdbxEntry(loaded.value.kdbx, path, values);
  return await save(loaded.value);
}

/**
 * Changes fields of an entry; one that it does not have is added. What the entry was stays in its history.
 *
 * Nothing is written when every field has its value already.
 *
 * @returns What became of each field. `SECRETS_REF_NOT_FOUND` when there is no such entry, `SECRETS_REF_INVALID` when
 *   there are several or a field cannot be, `SECRETS_PROVIDER_UNAVAILABLE` when the database cannot be opened,
 *   `SECRETS_IO` when it cannot be written; then the old file is as it was.
 */
export async function updateKeepassItem(
  env: Environment,
  alias: string,
  { path, values }: KeepassItemChange,
): Promise<Result<KeepassItemUpdate, SecretError>> {
  const problem = valuesProblem(values);
  if (problem !== undefined) return refused(problem);
  const loaded = await loadConfiguredKdbx(env, alias);
  if (!loaded.ok) return loaded;
  const { kdbx } = loaded.value;
  const { fieldValueOf, kdbxEntriesOf } = await import("./kdbx-entries.ts");
  const [found, ...others] = kdbxEntriesOf(kdbx).filter(([each]) => each === path);
  if (found === undefined)
    return err({
      code: "SECRETS_REF_NOT_FOUND",
      message: `The KeePass database ${alias} has no entry "${path}". Make it with item create`,
    });
  if (others.length > 0)
    return refused(
      `"${path}" is ambiguous: the KeePass database ${alias} has ${others.length + 1} entries of that path. Rename all but one`,
    );
  const [, entry] = found;
  const names = [...values.keys()];
  const alike = likeOneOf(entry.fields.keys(), names);
  if (alike !== undefined)
    return refused(
      `The entry "${path}" of the KeePass database ${alias} has no field "${alike.asked}", but "${alike.there}": upper and lower case differ`,
    );
  const before = new Map(names.map((name) => [name, fieldValueOf(entry, name)]));
  const same = names.filter((name) => before.get(name) === values.get(name));
  const added = names.filter((name) => before.get(name) === undefined);
  const changed = names.filter((name) => !same.includes(name) && !added.includes(name));
  if (same.length < names.length) {
    const { changeKdbxEntry } = await import("./change-kdbx.ts");
    changeKdbxEntry(kdbx, entry, values);
    const saved = await save(loaded.value);
    if (!saved.ok) return saved;
  }
  return ok({ added, changed, same });
}

async function save(loaded: ConfiguredKdbx): Promise<Result<undefined, SecretError>> {
  const { saveKdbx } = await import("./change-kdbx.ts");
  const bytes = await saveKdbx(loaded.kdbx, loaded.key);
  return bytes === undefined ? notTheSame(loaded.path) : replaceKeepassFile(loaded, bytes);
}

/** A new field whose name is that of another one but for its case is a mistake: a reference would find the other. */
function likeOneOf(
  there: Iterable<string>,
  asked: readonly string[],
): { readonly asked: string; readonly there: string } | undefined {
  const names = [...there];
  for (const name of asked) {
    if (names.includes(name)) continue;
    const like = names.find((each) => each.toLowerCase() === name.toLowerCase());
    if (like !== undefined) return { asked: name, there: like };
  }
  return undefined;
}

function pathProblem(path: string): string | undefined {
  if (!isWritable(path)) return "The path of an entry cannot have control characters";
  if (path.split("/").every((name) => name.trim() !== "")) return undefined;
  return `"${path}" is not the path of an entry: write group/title, or a title alone, without a / at either end`;
}

function valuesProblem(values: ReadonlyMap<string, string>): string | undefined {
  if (values.size === 0) return "An entry needs the value of a field";
  const standard = ["Title", "UserName", "Password", "URL", "Notes"];
  for (const [name, value] of values) {
    if (name.trim() === "" || name.includes(":") || !isWritable(name))
      return `"${name}" cannot be the name of a field: it is empty, or has a : or a control character`;
    const meant = standard.find((each) => each.toLowerCase() === name.toLowerCase());
    if (meant === "Title") return "The title of an entry is the end of its path, and no field to set";
    if (meant !== undefined && meant !== name)
      return `There is no field "${name}", but "${meant}": upper and lower case differ`;
    if (value === "") return `The value of the field "${name}" is empty`;
    if (value.includes("\0") || !value.isWellFormed())
      return `The value of the field "${name}" is not text: it has a NUL byte or is not in UTF-8`;
  }
  return undefined;
}

function isWritable(name: string): boolean {
  return !UNWRITABLE.test(name) && name.isWellFormed();
}

function refused(message: string): Result<never, SecretError> {
  return err({ code: "SECRETS_REF_INVALID", message });
}
