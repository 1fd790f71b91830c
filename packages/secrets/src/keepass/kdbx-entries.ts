import kdbxweb, { type Kdbx, type KdbxEntry, type KdbxGroup } from "kdbxweb";

/**
 * The entries of a database, as in the file: those of a group before those of the groups in it.
 *
 * @returns Each with its path: names of groups below the root group, then the title, separated by `/`.
 */
export function kdbxEntriesOf(kdbx: Kdbx): readonly (readonly [path: string, entry: KdbxEntry])[] {
  return [...entriesBelow(kdbx.getDefaultGroup(), "")];
}

/** @returns The value of a field; `undefined` when there is no such field. */
export function fieldValueOf({ fields }: KdbxEntry, name: string): string | undefined {
  const value = fields.get(name);
  return value instanceof kdbxweb.ProtectedValue ? value.getText() : value;
}

function* entriesBelow(
  group: KdbxGroup,
  prefix: string,
): Generator<readonly [path: string, entry: KdbxEntry]> {
  for (const entry of group.entries) yield [`${prefix}${fieldValueOf(entry, "Title") ?? ""}`, entry];
  for (const child of group.groups) yield* entriesBelow(child, `${prefix}${child.name ?? ""}/`);
}
