/** What a foreign file holds at one place: anchors and merges resolved, every value with its line. */
export type ForeignTree = TreeScalar | TreeList | TreeMap | TreeReference;

/** Where something was written. */
export interface TreePlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** A text, a number, a boolean or null. */
export interface TreeScalar extends TreePlace {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As it was written, without quotes; empty for null. */
  readonly text: string;
}

/** A sequence. */
export interface TreeList extends TreePlace {
  readonly kind: "list";
  readonly items: readonly ForeignTree[];
}

/** A mapping. The line of an entry, and of its value, is that of its key. */
export interface TreeMap extends TreePlace {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, TreeEntry>;
}

/** One key of a mapping, and its value. */
export interface TreeEntry extends TreePlace {
  readonly node: ForeignTree;
}

/** GitLab's `!reference [job, key]`. */
export interface TreeReference extends TreePlace {
  readonly kind: "reference";
  readonly path: readonly string[];
}

/** The value of a key; undefined where there is none, or it is null. */
export function at(node: ForeignTree | undefined, key: string): ForeignTree | undefined {
  const found = node?.kind === "map" ? node.entries.get(key)?.node : undefined;
  return found === undefined || isNothing(found) ? undefined : found;
}

/** Whether a value is null. */
export function isNothing(node: ForeignTree): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** The text of a scalar, numbers and booleans as they were written; undefined for all else. */
export function textOf(node: ForeignTree | undefined): string | undefined {
  return node?.kind === "scalar" ? node.text : undefined;
}

/** The items of a list, lists in it laid flat; a value alone is a list of one. */
export function itemsOf(node: ForeignTree | undefined): readonly ForeignTree[] {
  if (node === undefined || isNothing(node)) return [];
  return node.kind === "list" ? node.items.flatMap(itemsOf) : [node];
}

/** The texts of a list, or of a value alone. */
export function textsOf(node: ForeignTree | undefined): readonly string[] {
  return itemsOf(node).flatMap((item) => textOf(item) ?? []);
}

/** A boolean, in the words of YAML 1.1 too; undefined for all else. */
export function flagOf(node: ForeignTree | undefined): boolean | undefined {
  if (node?.kind !== "scalar") return undefined;
  if (typeof node.value === "boolean") return node.value;
  if (/^(?:yes|on|true)$/i.test(node.text)) return true;
  return /^(?:no|off|false)$/i.test(node.text) ? false : undefined;
}

/** The entries of a mapping; none for all else. */
export function entriesOf(node: ForeignTree | undefined): readonly (readonly [string, TreeEntry])[] {
  return node?.kind === "map" ? [...node.entries] : [];
}
