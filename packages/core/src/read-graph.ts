import { WHENS } from "./vocabulary.ts";
import { GRAPH_IR_SCHEMA, type GraphIr } from "./graph-ir.ts";

/**
 * Reads a graph that a run recorded. The only definition of a valid graph for
 * every reader of evidence, so that they agree, and a damaged one surprises none of them.
 *
 * A graph is one that can be scheduled: its jobs have names of their own and
 * known stages, their needs are known, are in no later stage, and form no
 * cycle, and its edges say nothing else. O(jobs + needs).
 *
 * @param value - Anything, as it was read.
 * @returns The graph, or `undefined` for anything else, a graph of another version among it.
 */
export function readGraph(value: unknown): GraphIr | undefined {
  return graphFault(value) === undefined ? (value as GraphIr) : undefined;
}

/** Says why a value is not a graph that can be scheduled; `undefined` for one that is. */
export function graphFault(value: unknown): string | undefined {
  const { schema, stages, nodes, edges = [] } = fieldsOf(value);
  if (schema !== GRAPH_IR_SCHEMA) return `it is not a graph of version ${GRAPH_IR_SCHEMA}`;
  if (!Array.isArray(stages)) return "its graph has no list of stages";
  if (!Array.isArray(nodes) || !nodes.every(isNode)) return "its graph has no list of jobs as they should be";
  const stageOf = new Map(stages.map((name, index) => [name as unknown, index]));
  if (stageOf.size !== stages.length) return "its graph has a stage twice";
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const needsOf = new Map<string, ReadonlySet<string>>();
  for (const { id, stage, needs = [] } of nodes) {
    if (needsOf.has(id)) return `its graph has job "${id}" twice`;
    const place = stageOf.get(stage);
    if (place === undefined) return `job "${id}" is in stage "${stage}", which is not in the graph`;
    const distinct = new Set(needs);
    if (distinct.size !== needs.length) return `job "${id}" needs a job twice`;
    for (const need of needs) {
      const needed = byId.get(need);
      if (needed === undefined) return `job "${id}" needs "${need}", which is not in the graph`;
      if ((stageOf.get(needed.stage) ?? place) > place)
        return `job "${id}" needs "${need}", which is in a later stage`;
    }
    needsOf.set(id, distinct);
  }
  return edgeFault(edges, needsOf) ?? cycleFault(needsOf);
}

/** An edge without a need would be an order that nothing enforces. */
function edgeFault(edges: unknown, needsOf: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  if (!Array.isArray(edges)) return "its graph has no list of edges";
  for (const edge of edges) {
    const { from, to } = fieldsOf(edge);
    if (needsOf.get(to as string)?.has(from as string) === true) continue;
    return `its graph has an edge from "${String(from)}" to "${String(to)}", and no such need`;
  }
  return undefined;
}

function cycleFault(needsOf: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  // Stryker disable next-line ArrayDeclaration: a name that no job has would be freed by nothing, and lead to nothing.
  const dependants = new Map<string, string[]>([...needsOf.keys()].map((id) => [id, []]));
  const openNeeds = new Map<string, number>();
  for (const [id, needs] of needsOf) {
    openNeeds.set(id, needs.size);
    // Stryker disable next-line OptionalChaining: every need is a job.
    for (const need of needs) dependants.get(need)?.push(id);
  }
  const free = [...openNeeds].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of free) {
    openNeeds.delete(id);
    // Stryker disable next-line ArrayDeclaration: every job has a list.
    for (const dependant of dependants.get(id) ?? []) {
      const left = (openNeeds.get(dependant) ?? 0) - 1;
      openNeeds.set(dependant, left);
      if (left === 0) free.push(dependant);
    }
  }
  // Each job that is left needs another one that is left, so the way along them comes round.
  const way = new Set<string>();
  let [next] = openNeeds.keys();
  // Stryker disable next-line ConditionalExpression: without a next job, the way ends one round later.
  while (next !== undefined && !way.has(next)) {
    way.add(next);
    // Stryker disable next-line ArrayDeclaration: every job has a list.
    next = [...(needsOf.get(next) ?? [])].find((need) => openNeeds.has(need));
  }
  if (next === undefined) return undefined;
  const jobs = [...way];
  return `the needs of its jobs form a cycle: ${[...jobs.slice(jobs.indexOf(next)), next].join(" -> ")}`;
}

function fieldsOf(value: unknown): { readonly [name: string]: unknown } {
  return (value ?? {}) as { readonly [name: string]: unknown };
}

interface PlainNode {
  readonly id: string;
  readonly stage: string;
  readonly needs?: readonly string[];
}

function isNode(value: unknown): value is PlainNode {
  if (typeof value !== "object" || value === null) return false;
  const { id, stage, needs, needs_without_artifacts: without, gate, when, matrix } = fieldsOf(value);
  return (
    typeof id === "string" &&
    typeof stage === "string" &&
    (needs === undefined || isTexts(needs)) &&
    (without === undefined || isTexts(without)) &&
    (gate === undefined || gate === "needs") &&
    (when === undefined || when === "manual" || WHENS.some((known) => known === when)) &&
    (matrix === undefined || isMatrix(matrix))
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isMatrix(value: unknown): boolean {
  const { job, values } = fieldsOf(value);
  return typeof job === "string" && Array.isArray(values);
}
