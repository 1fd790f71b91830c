import { GRAPH_IR_SCHEMA, type GraphIr } from "./graph-ir.ts";

/**
 * Reads a graph that a run recorded. The one judgement of what a graph is, for
 * every reader of evidence: they agree, and none is surprised by a damaged one.
 *
 * A graph is one that can be scheduled: its jobs have names of their own and
 * known stages, and their needs are known, lie in no later stage, and form no
 * cycle. O(jobs + needs).
 *
 * @param value - Anything, as it was read.
 * @returns The graph, or `undefined` for anything else, a graph of another version among it.
 */
export function readGraph(value: unknown): GraphIr | undefined {
  const schema: unknown = (value as { readonly schema?: unknown } | null | undefined)?.schema;
  return schema === GRAPH_IR_SCHEMA && isSoundGraph(value) ? value : undefined;
}

function isSoundGraph(value: unknown): value is GraphIr {
  const { stages, nodes } = (value ?? {}) as { readonly stages?: unknown; readonly nodes?: unknown };
  if (!Array.isArray(stages) || !Array.isArray(nodes) || !nodes.every(isNode)) return false;
  const stageOf = new Map(stages.map((name, index) => [name as unknown, index]));
  if (stageOf.size !== stages.length) return false;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  if (byId.size !== nodes.length) return false;
  const openNeeds = new Map<string, number>();
  const dependants = new Map<string, string[]>();
  for (const { id, stage, needs = [] } of nodes) {
    const place = stageOf.get(stage);
    if (place === undefined || new Set(needs).size !== needs.length) return false;
    for (const need of needs) {
      const needed = byId.get(need);
      if (needed === undefined || (stageOf.get(needed.stage) ?? place + 1) > place) return false;
      const others = dependants.get(need);
      if (others === undefined) dependants.set(need, [id]);
      else others.push(id);
    }
    openNeeds.set(id, needs.length);
  }
  const free = [...openNeeds].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of free) {
    for (const dependant of dependants.get(id) ?? []) {
      const left = (openNeeds.get(dependant) ?? 0) - 1;
      openNeeds.set(dependant, left);
      if (left === 0) free.push(dependant);
    }
  }
  return free.length === nodes.length;
}

interface PlainNode {
  readonly id: string;
  readonly stage: string;
  readonly needs?: readonly string[];
}

function isNode(value: unknown): value is PlainNode {
  if (typeof value !== "object" || value === null) return false;
  const { id, stage, needs, when } = value as { readonly [K in "id" | "stage" | "needs" | "when"]?: unknown };
  return (
    typeof id === "string" &&
    typeof stage === "string" &&
    (needs === undefined || (Array.isArray(needs) && needs.every((need) => typeof need === "string"))) &&
    (when === undefined || when === "on_success" || when === "on_failure" || when === "always")
  );
}
