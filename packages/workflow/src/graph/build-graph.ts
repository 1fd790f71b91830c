import { GRAPH_IR_SCHEMA, type GraphEdge, type GraphIr, type GraphNode, type GraphVariable } from "@loom/core";
import type { CompleteJob } from "../check/complete-jobs.ts";
import { mergeNodes, type MergeBudget } from "../inherit/merge-nodes.ts";
import { MAX_GRAPH_CHARACTERS } from "../limits.ts";
import { problemAtKey } from "../source/problem-at.ts";
import { isNull, plainValue, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { graphVariables, jobNode } from "./job-node.ts";

/** What a graph is made from. */
export interface GraphSource {
  readonly stages: readonly string[];
  /** Jobs that run, free of problems, in declaration order. */
  readonly jobs: readonly CompleteJob[];
  /** The root `variables`, weaker than any job's. */
  readonly variables: SourceNode | undefined;
  readonly budget: MergeBudget;
}

/**
 * Builds the graph.
 *
 * @returns One problem instead when inheritance makes it larger than
 *   `MAX_GRAPH_CHARACTERS`; the size is judged before anything is built.
 */
export function buildGraph({ stages, jobs, variables, budget }: GraphSource): GraphIr | WorkflowProblem {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const lists = new Map<SourceNode, readonly GraphVariable[]>();
  let room = MAX_GRAPH_CHARACTERS;
  for (const { name, source, definition } of jobs) {
    const { stage, script } = definition;
    if (stage === undefined || script === undefined) continue;
    const own = source.entries.get("variables")?.node;
    const inEffect = own === undefined || isNull(own) ? variables : mergeNodes(variables, own, budget);
    room -= characters(source, room);
    if (inEffect !== undefined && inEffect !== own) room -= characters(inEffect, room);
    if (room < 0 || budget.entries < 0) {
      return problemAtKey(source, "shorten what jobs inherit, or split the workflow: the compiled graph grows too large");
    }
    nodes.push(jobNode(name, { ...definition, stage, script }, variableList(inEffect, lists)));
    for (const need of definition.needs ?? []) edges.push({ from: need, to: name, kind: "needs" });
  }
  return { schema: GRAPH_IR_SCHEMA, stages, nodes, edges };
}

function variableList(
  node: SourceNode | undefined,
  lists: Map<SourceNode, readonly GraphVariable[]>,
): readonly GraphVariable[] {
  if (node?.kind !== "map") return [];
  let list = lists.get(node);
  if (list === undefined) {
    list = graphVariables(plainValue(node, true) as { readonly [name: string]: string });
    lists.set(node, list);
  }
  return list;
}

/** What a line of the compiled graph takes beside the text it carries. Source: an entry of `variables`, indented. */
const LINE_CHARACTERS = 64;

/** About how much of the compiled graph a node fills. Stops counting once `room` is used up. */
function characters(node: SourceNode, room: number): number {
  if (node.kind === "scalar") return node.end - node.start + LINE_CHARACTERS;
  let sum = LINE_CHARACTERS;
  if (node.kind === "list") {
    for (const item of node.items) {
      sum += characters(item, room - sum);
      if (sum > room) return sum;
    }
    return sum;
  }
  for (const [key, entry] of (node satisfies SourceMap).entries) {
    sum += key.length + characters(entry.node, room - sum);
    if (sum > room) return sum;
  }
  return sum;
}
