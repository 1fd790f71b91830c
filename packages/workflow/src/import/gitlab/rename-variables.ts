import { VARIABLE_NAME } from "../../schema/name-patterns.ts";
import type { ImportNotes } from "../import-notes.ts";
import { at, entriesOf, itemsOf, type ForeignTree, type TreeEntry, type TreeMap } from "../tree.ts";

/**
 * Gives variables that are not in capitals a name that is, wherever the
 * configuration names them. Those that nothing in it names are for a program
 * that looks for them, which would not find them under another name: they stay
 * as they are, to be named as left out.
 */
export function renameVariables(root: TreeMap, notes: ImportNotes): TreeMap {
  const defined = new Map<string, TreeEntry>();
  const all = new Set<string>();
  const visit = (variables: ForeignTree | undefined): void => {
    for (const [name, entry] of entriesOf(variables)) {
      all.add(name);
      if (!VARIABLE_NAME.test(name) && !defined.has(name)) defined.set(name, entry);
    }
  };
  visit(at(root, "variables"));
  for (const [, { node }] of root.entries) {
    visit(at(node, "variables"));
    for (const rule of itemsOf(at(node, "rules"))) visit(at(rule, "variables"));
    for (const row of itemsOf(at(at(node, "parallel"), "matrix"))) visit(row);
  }
  if (defined.size === 0) return root;
  const named = new Set<string>();
  eachText(root, (text) => {
    for (const match of text.matchAll(REFERENCE)) named.add(match[2] ?? "");
  });
  const renamed = new Map<string, string>();
  for (const [name, entry] of defined) {
    const wanted = name.toUpperCase();
    if (!named.has(name) || all.has(wanted)) continue;
    all.add(wanted);
    renamed.set(name, wanted);
    notes.add(entry, `variable ${name}: it is ${wanted} here; programs that look for ${name} do not find it`);
  }
  return renamed.size === 0 ? root : (rename(root, renamed) as TreeMap);
}

function eachText(node: ForeignTree, look: (text: string) => void): void {
  if (node.kind === "scalar" && typeof node.value === "string") look(node.value);
  else if (node.kind === "list") for (const item of node.items) eachText(item, look);
  else if (node.kind === "map") for (const [, entry] of node.entries) eachText(entry.node, look);
}

const REFERENCE = /\$(\{?)([A-Za-z_]\w*)/g;

function rename(node: ForeignTree, renamed: ReadonlyMap<string, string>, isVariables = false): ForeignTree {
  switch (node.kind) {
    case "scalar": {
      if (typeof node.value !== "string" || !node.value.includes("$")) return node;
      const text = node.value.replaceAll(REFERENCE, (whole, brace: string, name: string) =>
        renamed.has(name) ? `$${brace}${renamed.get(name)}` : whole,
      );
      return { ...node, value: text, text };
    }
    case "list":
      return { ...node, items: node.items.map((item) => rename(item, renamed, isVariables)) };
    case "map": {
      const entries = new Map<string, TreeEntry>();
      for (const [key, entry] of node.entries) {
        const name = isVariables ? (renamed.get(key) ?? key) : key;
        const isInner = !isVariables && (key === "variables" || key === "matrix");
        entries.set(name, { ...entry, node: rename(entry.node, renamed, isInner) });
      }
      return { ...node, entries };
    }
    case "reference":
      return node;
    default:
      return node satisfies never;
  }
}
