import {
  GRAPH_IR_SCHEMA,
  type GraphEdge,
  type GraphIr,
  type GraphNode,
  type GraphVariable,
} from "@loom/core";
import type { JobWithVariables } from "../check/check-variables.ts";
import { MAX_GRAPH_CHARACTERS } from "../limits.ts";
import { problemAtKey } from "../source/problem-at.ts";
import { plainValue, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { graphVariables, jobNode } from "./job-node.ts";

/** What to do about a workflow that inherits too much. */
export const TOO_LARGE_FIX =
  "shorten what jobs inherit, or split the workflow: the compiled graph grows too large";

/** What a graph is made from. */
export interface GraphSource {
  readonly stages: readonly string[];
  /** Jobs that run, free of problems, in declaration order. */
  readonly jobs: readonly JobWithVariables[];
}

/**
 * Builds the graph.
 *
 * @returns One problem instead when inheritance makes it larger than
 *   `MAX_GRAPH_CHARACTERS`; the size is judged before anything is built.
 */
export function buildGraph({ stages, jobs }: GraphSource): GraphIr | WorkflowProblem {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const lists = new Map<SourceMap, readonly GraphVariable[]>();
  let room = MAX_GRAPH_CHARACTERS;
  for (const { name, source, definition, variables } of jobs) {
    const { stage, script } = definition;
    if (stage === undefined || script === undefined) continue;
    room -= characters(source, room);
    if (variables !== undefined) room -= characters(variables, room);
    if (room < 0) return problemAtKey(source, TOO_LARGE_FIX);
    nodes.push(jobNode(name, { ...definition, stage, script }, variableList(variables, lists)));
    for (const need of definition.needs ?? []) edges.push({ from: need, to: name, kind: "needs" });
  }
  return { schema: GRAPH_IR_SCHEMA, stages, nodes, edges };
}

function variableList(
  node: SourceMap | undefined,
  lists: Map<SourceMap, readonly GraphVariable[]>,
): readonly GraphVariable[] {
  if (node === undefined) return [];
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
  for (const [key, entry] of node.entries) {
    sum += key.length + characters(entry.node, room - sum);
    if (sum > room) return sum;
  }
  return sum;
}
