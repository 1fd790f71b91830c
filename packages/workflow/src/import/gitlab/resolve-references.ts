import type { ImportNotes } from "../import-notes.ts";
import type { ValueBudget } from "../read-tree.ts";
import type { ForeignTree, TreeEntry, TreeMap } from "../tree.ts";

/** How deep references may lead to references. Source: GitLab's limit. */
const MAX_DEPTH = 10;

/** Puts what each `!reference` names in its place. */
export function resolveReferences(
  root: TreeMap,
  { budget, notes }: { readonly budget: ValueBudget; readonly notes: ImportNotes },
): TreeMap {
  const walk = (node: ForeignTree, depth: number): ForeignTree => {
    budget.left -= 1;
    if (budget.left < 0) return node;
    switch (node.kind) {
      case "scalar":
        return node;
      case "list":
        return { ...node, items: node.items.map((item) => walk(item, depth)) };
      case "map":
        return {
          ...node,
          entries: new Map(
            [...node.entries].map(([key, entry]): [string, TreeEntry] => [
              key,
              { ...entry, node: walk(entry.node, depth) },
            ]),
          ),
        };
      case "reference": {
        const found = follow(root, node.path);
        const { file, line } = node;
        if (found === undefined || depth >= MAX_DEPTH) {
          const why = found === undefined ? "there is no such thing" : "references lead too deep";
          notes.add(node, `!reference [${node.path.join(", ")}]: ${why}`);
          return { kind: "scalar", value: null, text: "", file, line };
        }
        return walk(found, depth + 1);
      }
      default:
        return node satisfies never;
    }
  };
  return walk(root, 0) as TreeMap;
}

/** What stands at a path as it is written, nothing inherited. */
function follow(root: TreeMap, [name = "", ...rest]: readonly string[]): ForeignTree | undefined {
  let node = root.entries.get(name)?.node;
  for (const key of rest) node = node?.kind === "map" ? node.entries.get(key)?.node : undefined;
  return node;
}
