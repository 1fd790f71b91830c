import {
  GRAPH_IR_SCHEMA,
  type GraphEdge,
  type GraphIr,
  type GraphNode,
  type GraphVariable,
} from "@loom/core";
import { needsOf, type Need } from "../inherit/needs-of.ts";
import { MAX_GRAPH_CHARACTERS } from "../limits.ts";
import { chosenJobs } from "../matrix/chosen-jobs.ts";
import type { Matrices } from "../matrix/matrix-jobs.ts";
import type { RunnableJob } from "../matrix/with-matrix-values.ts";
import { problemAtKey } from "../source/problem-at.ts";
import { entryNode, plainValue, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { graphVariables, jobNode, type NodeParts } from "./job-node.ts";

/** What to do about a workflow that inherits too much. */
export const TOO_LARGE_FIX =
  "shorten what jobs inherit, or split the workflow: the compiled graph grows too large";

/** What a graph is made from. */
export interface GraphSource {
  readonly stages: readonly string[];
  /** Jobs that run, free of problems, in declaration order. */
  readonly jobs: readonly RunnableJob[];
  /** What names in `needs` may mean. */
  readonly matrices: Matrices;
}

/**
 * Builds the graph.
 *
 * @returns One problem instead when inheritance makes it larger than
 *   `MAX_GRAPH_CHARACTERS`; the size is judged before anything is built.
 */
export function buildGraph({ stages, jobs, matrices }: GraphSource): GraphIr | WorkflowProblem {
  const nodes: GraphNode[] = [];
  const edges: GraphEdge[] = [];
  const lists = new Map<SourceMap, readonly GraphVariable[]>();
  let room = MAX_GRAPH_CHARACTERS;
  const resolve = needsResolver(jobs, matrices);
  for (const { name, source, definition, variables, matrix } of jobs) {
    const { stage, script } = definition;
    if (stage === undefined || script === undefined) continue;
    room -= characters(source, room);
    if (variables !== undefined) room -= characters(variables, room);
    room -= matrices.jobsOf.size === 0 ? 0 : countNeeds(source, matrices) * NEED_CHARACTERS;
    if (room < 0) return problemAtKey(source, TOO_LARGE_FIX);
    const resolved = resolve(source);
    const parts = {
      ...resolved,
      variables: variableList(variables, lists),
      ...(matrix !== undefined && { matrix: { job: matrix.job, values: graphValues(matrix.values) } }),
    };
    nodes.push(jobNode(name, { ...definition, stage, script }, parts));
    for (const need of resolved.needs) edges.push({ from: need, to: name, kind: "needs" });
  }
  return { schema: GRAPH_IR_SCHEMA, stages, nodes, edges };
}

/** What a need on a job of a matrix takes in the compiled graph: an entry of `needs`, and an edge. */
const NEED_CHARACTERS = 256;

/** How many jobs a job needs at most; a name may mean all jobs of a matrix. */
function countNeeds(source: SourceMap, { jobsOf }: Matrices): number {
  return needsOf(source).reduce((sum, { name }) => sum + (jobsOf.get(name)?.length ?? 1), 0);
}

/** The jobs that a job needs, by their ids. */
type ResolvedNeeds = Pick<NodeParts, "needs" | "withoutArtifacts">;

const NO_NEEDS: ResolvedNeeds = { needs: [], withoutArtifacts: [] };

/** Finds the jobs that a job needs. Many jobs may share the list that they inherit. */
function needsResolver(
  jobs: readonly RunnableJob[],
  { jobsOf }: Matrices,
): (job: SourceMap) => ResolvedNeeds {
  const ids = new Set(jobs.map(({ name }) => name));
  const known = new Map<SourceNode, ResolvedNeeds>();
  const idsOf = ({ name, values }: Need): readonly string[] => {
    const made = jobsOf.get(name);
    if (made !== undefined) return chosenJobs(made, values).map(({ id }) => id);
    // One that is not there is optional.
    return ids.has(name) ? [name] : [];
  };
  return (job) => {
    const written = entryNode(job, "needs");
    if (written === undefined) return NO_NEEDS;
    let resolved = known.get(written);
    if (resolved === undefined) {
      const needs = needsOf(job);
      resolved = {
        needs: needs.flatMap(idsOf),
        withoutArtifacts: needs.filter(({ artifacts }) => !artifacts).flatMap(idsOf),
      };
      known.set(written, resolved);
    }
    return resolved;
  };
}

/** The values of a job of a matrix, in the order in which they are written. */
function graphValues(values: SourceMap): GraphVariable[] {
  const written = Object.entries(plainValue(values, true) as Readonly<Record<string, string>>);
  return written.map(([key, value]) => ({ key, value }));
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
