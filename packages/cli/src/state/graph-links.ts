import { jobId, unreachable, type GraphIr, type JobId } from "@loom/core";

/** Which job needs which, and where each stands: columns from left to right, rows from the top. */
export interface GraphLinks {
  readonly columns: readonly (readonly JobId[])[];
  /** The stage of each column; empty for a further column of the same stage. */
  readonly stages: readonly string[];
  readonly needs: ReadonlyMap<JobId, readonly JobId[]>;
  readonly neededBy: ReadonlyMap<JobId, readonly JobId[]>;
}

/** Places the jobs: a stage begins right of the earlier one, a job right of what it needs. */
export function graphLinks(graph: GraphIr | undefined): GraphLinks {
  const columns: JobId[][] = [];
  const stages: string[] = [];
  const needs = new Map<JobId, readonly JobId[]>();
  const neededBy = new Map<JobId, JobId[]>();
  if (graph === undefined) return { columns, stages, needs, neededBy };
  const columnOf = new Map<JobId, number>();
  for (const stage of graph.stages) {
    const first = columns.length;
    const nodes = graph.nodes.filter((node) => node.stage === stage);
    if (nodes.length === 0) continue;
    for (const node of inOrderOfNeed(nodes)) {
      const id = jobId(node.id);
      const wanted = (node.needs ?? []).map(jobId);
      needs.set(id, wanted);
      for (const need of wanted) neededBy.set(need, [...(neededBy.get(need) ?? []), id]);
      const column = Math.max(first, ...wanted.map((need) => (columnOf.get(need) ?? -1) + 1));
      columnOf.set(id, column);
      while (columns.length <= column) {
        stages.push(columns.length === first ? stage : "");
        columns.push([]);
      }
      columns[column]?.push(id);
    }
  }
  return { columns, stages, needs, neededBy };
}

/** The job that lies in a direction: along an edge to the left and right, within the column up and down. */
export function nextInGraph(
  links: GraphLinks,
  from: JobId | undefined,
  direction: "up" | "down" | "left" | "right",
): JobId | undefined {
  const column = links.columns.findIndex((ids) => from !== undefined && ids.includes(from));
  if (from === undefined || column < 0) return links.columns[0]?.[0];
  const row = links.columns[column]?.indexOf(from) ?? 0;
  switch (direction) {
    case "up":
      return links.columns[column]?.[row - 1] ?? links.columns[column - 1]?.at(-1);
    case "down":
      return links.columns[column]?.[row + 1] ?? links.columns[column + 1]?.[0];
    case "left":
      return links.needs.get(from)?.[0] ?? beside(links, column - 1, row);
    case "right":
      return links.neededBy.get(from)?.[0] ?? beside(links, column + 1, row);
    default:
      return unreachable(direction);
  }
}

function beside(links: GraphLinks, column: number, row: number): JobId | undefined {
  const ids = links.columns[column];
  return ids?.[Math.min(row, ids.length - 1)];
}

/** Needs within a stage may point to jobs that are declared later. */
function inOrderOfNeed(nodes: readonly GraphIr["nodes"][number][]): GraphIr["nodes"][number][] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Set<string>();
  const ordered: GraphIr["nodes"][number][] = [];
  const visit = (node: GraphIr["nodes"][number]): void => {
    if (done.has(node.id)) return;
    done.add(node.id);
    for (const need of node.needs ?? []) {
      const needed = byId.get(need);
      if (needed !== undefined) visit(needed);
    }
    ordered.push(node);
  };
  for (const node of nodes) visit(node);
  return ordered;
}
