import { jobId, unreachable, type GraphIr, type JobId } from "@loom/core";

/** Which job needs which, and where each is placed: columns from left to right, rows from the top. */
export interface GraphLinks {
  readonly columns: readonly (readonly JobId[])[];
  /** The stage of each column; empty for a further column of the same stage. */
  readonly stages: readonly string[];
  readonly needs: ReadonlyMap<JobId, readonly JobId[]>;
  readonly neededBy: ReadonlyMap<JobId, readonly JobId[]>;
}

/** Places the jobs in columns: each stage right of the previous one, each job right of its needs. */
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
  return { columns: withFewCrossings(columns, needs, neededBy), stages, needs, neededBy };
}

/** How often to sweep over the columns, forwards and backwards. */
const SWEEPS = 3;

/** A larger graph is shown as a list, so its jobs stay in declaration order. */
const MAX_ORDERED_JOBS = 60;

/** Orders each column to reduce crossings, with the barycentre method: a job is placed near its neighbours. */
function withFewCrossings(
  columns: readonly (readonly JobId[])[],
  needs: ReadonlyMap<JobId, readonly JobId[]>,
  neededBy: ReadonlyMap<JobId, readonly JobId[]>,
): readonly (readonly JobId[])[] {
  if (columns.reduce((sum, ids) => sum + ids.length, 0) > MAX_ORDERED_JOBS) return columns;
  let best = columns;
  let fewest = crossings(columns, needs);
  const current = [...columns];
  const keep = (): void => {
    const count = crossings(current, needs);
    if (count < fewest) [best, fewest] = [[...current], count];
  };
  const order = (column: number, others: ReadonlyMap<JobId, readonly JobId[]>): void => {
    current[column] = byMeanRow(current[column] ?? [], rowsOf(current), others);
  };
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep += 1) {
    for (let column = 1; column < current.length; column += 1) order(column, needs);
    keep();
    for (let column = current.length - 2; column >= 0; column -= 1) order(column, neededBy);
    keep();
  }
  return best;
}

function rowsOf(columns: readonly (readonly JobId[])[]): ReadonlyMap<JobId, number> {
  return new Map(columns.flatMap((ids) => ids.map((id, row) => [id, row] as const)));
}

/** Sorts jobs by the mean row of their neighbours; a job without any keeps its row. */
function byMeanRow(
  ids: readonly JobId[],
  rows: ReadonlyMap<JobId, number>,
  others: ReadonlyMap<JobId, readonly JobId[]>,
): readonly JobId[] {
  const meanRow = (id: JobId): number => {
    const theirs = (others.get(id) ?? []).map((other) => rows.get(other) ?? 0);
    return theirs.length === 0
      ? (rows.get(id) ?? 0)
      : theirs.reduce((sum, row) => sum + row, 0) / theirs.length;
  };
  return ids.toSorted((a, b) => meanRow(a) - meanRow(b));
}

/** How many pairs of edges between the same columns cross. */
function crossings(
  columns: readonly (readonly JobId[])[],
  needs: ReadonlyMap<JobId, readonly JobId[]>,
): number {
  const rows = rowsOf(columns);
  const columnOf = new Map(columns.flatMap((ids, column) => ids.map((id) => [id, column] as const)));
  const edges = [...needs].flatMap(([to, froms]) =>
    froms.map((from) => ({
      columns: `${columnOf.get(from)} ${columnOf.get(to)}`,
      from: rows.get(from) ?? 0,
      to: rows.get(to) ?? 0,
    })),
  );
  let count = 0;
  for (const [index, a] of edges.entries()) {
    for (const b of edges.slice(index + 1))
      if (a.columns === b.columns && (a.from - b.from) * (a.to - b.to) < 0) count += 1;
  }
  return count;
}

/** The next job in a direction: left and right along an edge, up and down within the column, then across columns. */
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

/** Sorts the jobs of a stage topologically: a job may need one of its stage that is declared later. */
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
