import { err, ok, type Result } from "@loom/core";
import { findCycles } from "../check/find-cycles.ts";
import { REFERENCE } from "./layer-value.ts";

/**
 * How much text the variables of one job may grow to by expansion. Unit: UTF-16
 * code units.
 *
 * Source: the room Linux gives arguments and environment of a process by
 * default (ARG_MAX, 2 MiB).
 */
export const MAX_EXPANDED_CHARACTERS = 2_097_152;

/** Why variables cannot be expanded. */
export type ExpansionError =
  /** `names` in the order they refer to each other, the first one not repeated. */
  | { readonly code: "cycle"; readonly names: readonly string[] }
  | { readonly code: "too_long"; readonly name: string };

/**
 * Expands variables that name each other.
 *
 * `$NAME` and `${NAME}` stand for the value of that variable, `$$` for a dollar;
 * names that are not among `variables` stay as written. Its own name in a value
 * stands for what the variable was outside: nothing, where it was not set.
 *
 * @param outside - The environment below the variables. Default: empty.
 * @returns The same names in the same order, or every cycle.
 */
export function expandVariables(
  variables: { readonly [name: string]: string },
  outside: { readonly [name: string]: string | undefined } = {},
): Result<Readonly<Record<string, string>>, readonly ExpansionError[]> {
  const names = Object.keys(variables);
  const parts = new Map<string, readonly Part[]>();
  for (const name of names) parts.set(name, partsOf(name, { known: variables, outside }));
  const referred = (name: string): string[] =>
    (parts.get(name) ?? []).flatMap((part) => (part.kind === "name" ? part.name : []));
  const cycles = findCycles(names, referred);
  if (cycles.length > 0) return err(cycles.map((cycle) => ({ code: "cycle", names: cycle })));
  const expanded = new Map<string, string>();
  let room = MAX_EXPANDED_CHARACTERS;
  for (const root of names) {
    const stack = [root];
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const open = expanded.has(name) ? [] : referred(name).filter((other) => !expanded.has(other));
      if (open.length > 0) {
        for (const other of open) stack.push(other);
        continue;
      }
      stack.pop();
      if (expanded.has(name)) continue;
      const own = parts.get(name) ?? [];
      const lengthOf = (part: Part): number =>
        (part.kind === "text" ? part.text : (expanded.get(part.name) ?? "")).length;
      room -= own.reduce((sum, part) => sum + lengthOf(part), 0);
      if (room < 0) return err([{ code: "too_long", name }]);
      expanded.set(
        name,
        own.map((part) => (part.kind === "text" ? part.text : (expanded.get(part.name) ?? ""))).join(""),
      );
    }
  }
  const values = Object.create(null) as Record<string, string>;
  for (const name of names) values[name] = expanded.get(name) ?? "";
  return ok(values);
}

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "name"; readonly name: string };

/** Where names in a value lead. */
interface Scope {
  readonly known: { readonly [name: string]: string };
  readonly outside: { readonly [name: string]: string | undefined };
}

function partsOf(own: string, { known, outside }: Scope): readonly Part[] {
  const value = known[own] ?? "";
  if (!value.includes("$")) return [{ kind: "text", text: value }];
  const parts: Part[] = [];
  let from = 0;
  for (const match of value.matchAll(REFERENCE)) {
    const name = match[1] ?? match[2];
    if (name !== undefined && !Object.hasOwn(known, name)) continue;
    if (match.index > from) parts.push({ kind: "text", text: value.slice(from, match.index) });
    if (name === undefined) parts.push({ kind: "text", text: "$" });
    else if (name === own) parts.push({ kind: "text", text: outside[name] ?? "" });
    else parts.push({ kind: "name", name });
    from = match.index + match[0].length;
  }
  parts.push({ kind: "text", text: value.slice(from) });
  return parts;
}
