import type { SourceMap, SourceNode } from "../source/source-node.ts";

/** The name of a job, and where it stands. */
export interface NameReference {
  readonly name: string;
  readonly node: SourceNode;
}

/** The names a job extends, weakest first. Values that are no names are left out. */
export function parentsOf(job: SourceMap): NameReference[] {
  const node = job.entries.get("extends")?.node;
  if (node?.kind === "list") return namesIn(node.items);
  return node === undefined ? [] : namesIn([node]);
}

function namesIn(nodes: readonly SourceNode[]): NameReference[] {
  const names: NameReference[] = [];
  for (const node of nodes) {
    if (node.kind === "scalar" && typeof node.value === "string" && node.value.trim() !== "")
      names.push({ name: node.value, node });
  }
  return names;
}
