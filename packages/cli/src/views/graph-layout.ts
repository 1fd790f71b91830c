import type { JobId } from "@loom/core";
import type { GraphLinks } from "../state/graph-links.ts";

/** Where a job stands. Unit: cells. */
export interface Place {
  readonly x: number;
  /** The row of its name, on which its first edge arrives. */
  readonly y: number;
  readonly width: number;
  /** With its border, where it has one. */
  readonly height: number;
}

/** A corner of an edge, or an end of it. */
interface Corner {
  readonly x: number;
  readonly y: number;
}

/** How an edge runs. */
export interface PlacedEdge {
  readonly from: JobId;
  readonly to: JobId;
  /** From the job to the arrow; each part lies in a row or in a column. */
  readonly path: readonly Corner[];
}

/** A graph in cells. */
export interface GraphLayout {
  readonly places: ReadonlyMap<JobId, Place>;
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** Rows above the first job: the stages, and a free one. */
const ABOVE = 2;

/**
 * Places jobs and edges so that no two edges share a stretch but those that
 * leave the same job: whatever looks like an edge is one.
 *
 * Each job that is needed has a column of its own to the next stage; each edge
 * arrives on a row of its own, and one that passes columns by has a row of its
 * own above the job it leads to, and a column down to it. Jobs stand in a grid, so
 * that rows on which edges leave, arrive and pass by are never the same.
 */
export function placeGraph(
  links: GraphLinks,
  { longest, boxes }: { readonly longest: number; readonly boxes: boolean },
): GraphLayout {
  const grid = gridOf(links, boxes);
  const { far, border, pitch } = grid;
  const places = new Map<JobId, Place>();
  const gapStart: number[] = [];
  let x = 1;
  for (const [column, ids] of links.columns.entries()) {
    const name = Math.max(...ids.map((id) => Math.min(id.length, longest)), boxes ? 5 : 0);
    const width = boxes ? name + 5 : name + 2;
    for (const [row, id] of ids.entries()) {
      const y = ABOVE + grid.lanes + border + row * pitch;
      places.set(id, { x, y, width, height: rowsOf(links, id) + 2 * border });
    }
    gapStart.push(x + width);
    const channels = ids.filter((id) => isNeeded(links, id)).length;
    const arriving = (links.columns[column + 1] ?? []).reduce(
      (sum, id) => sum + (far.get(id)?.length ?? 0),
      0,
    );
    x += width + (column === links.columns.length - 1 ? 0 : Math.max(4, channels + arriving + 3));
  }
  const edges = placeEdges(links, { ...grid, places, gapStart });
  const height = Math.max(...[...places.values()].map((place) => place.y)) + pitch;
  return { places, edges, width: x, height };
}

interface Grid {
  /** Rows of a border above a name. */
  readonly border: number;
  /** Of each job, those it needs from further away than the column before. */
  readonly far: ReadonlyMap<JobId, readonly JobId[]>;
  /** Which of the rows above its place in the grid an edge takes that passes columns by, from 0. */
  readonly laneOf: ReadonlyMap<string, number>;
  /** How many such rows there are above each row of jobs. */
  readonly lanes: number;
  /** Rows of the tallest job. */
  readonly tallest: number;
  readonly pitch: number;
}

function gridOf(links: GraphLinks, boxes: boolean): Grid {
  const columnOf = new Map(links.columns.flatMap((ids, column) => ids.map((id) => [id, column] as const)));
  const far = new Map<JobId, readonly JobId[]>();
  const laneOf = new Map<string, number>();
  const taken = new Map<number, number>();
  for (const [column, ids] of links.columns.entries()) {
    for (const [row, id] of ids.entries()) {
      const needs = (links.needs.get(id) ?? []).filter((need) => (columnOf.get(need) ?? column) < column - 1);
      if (needs.length > 0) far.set(id, needs);
      for (const need of needs) {
        const lane = taken.get(row) ?? 0;
        taken.set(row, lane + 1);
        laneOf.set(edgeName(need, id), lane);
      }
    }
  }
  const border = boxes ? 1 : 0;
  const lanes = Math.max(0, ...taken.values());
  const tallest = Math.max(...links.columns.flat().map((id) => rowsOf(links, id))) + 2 * border;
  // Below the tallest: the row on which edges leave.
  return { border, far, laneOf, lanes, tallest, pitch: tallest + 1 + lanes };
}

function placeEdges(
  links: GraphLinks,
  {
    places,
    gapStart,
    ...grid
  }: Grid & { readonly places: ReadonlyMap<JobId, Place>; readonly gapStart: readonly number[] },
): readonly PlacedEdge[] {
  const { border, far, laneOf, tallest } = grid;
  const edges: PlacedEdge[] = [];
  const down = downColumns(links, far, places);
  for (const [column, ids] of links.columns.entries()) {
    const beside = gapStart[column] ?? 0;
    for (const [index, id] of ids.filter((each) => isNeeded(links, each)).entries()) {
      const from = places.get(id);
      if (from === undefined) continue;
      const channel = beside + 1 + index;
      const leaves = isStraight(links, places, id) ? from.y : from.y - border + tallest;
      const start = [
        { x: beside - border, y: from.y },
        { x: beside, y: from.y },
        { x: beside, y: leaves },
        { x: channel, y: leaves },
      ];
      for (const target of links.neededBy.get(id) ?? []) {
        const to = places.get(target);
        if (to === undefined) continue;
        const arrives = to.y + arrivalOf(links, places, { id, target });
        const end = { x: to.x - 1, y: arrives };
        const lane = laneOf.get(edgeName(id, target));
        const x = down.get(edgeName(id, target));
        const path =
          lane === undefined || x === undefined
            ? [{ x: channel, y: arrives }]
            : [
                { x: channel, y: to.y - border - 1 - lane },
                { x, y: to.y - border - 1 - lane },
                { x, y: arrives },
              ];
        edges.push({ from: id, to: target, path: [...start, ...path, end] });
      }
    }
  }
  return edges;
}

/** The columns in which edges from further away come down, one for each. */
function downColumns(
  links: GraphLinks,
  far: ReadonlyMap<JobId, readonly JobId[]>,
  places: ReadonlyMap<JobId, Place>,
): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const ids of links.columns) {
    let taken = 0;
    for (const id of ids) {
      for (const need of far.get(id) ?? []) {
        taken += 1;
        columns.set(edgeName(need, id), (places.get(id)?.x ?? 0) - 1 - taken);
      }
    }
  }
  return columns;
}

/** Whether an edge runs straight on: to the only job beside it, which needs nothing else. */
function isStraight(links: GraphLinks, places: ReadonlyMap<JobId, Place>, id: JobId): boolean {
  const y = places.get(id)?.y;
  return (links.neededBy.get(id) ?? []).some((target) => {
    const place = places.get(target);
    return place?.y === y && links.needs.get(target)?.length === 1 && isBeside(links, id, target);
  });
}

function isBeside({ columns }: GraphLinks, id: JobId, target: JobId): boolean {
  const column = columns.findIndex((ids) => ids.includes(id));
  return columns[column + 1]?.includes(target) === true;
}

/** On which of its rows an edge arrives, from 0: those from above first. */
function arrivalOf(
  { needs }: GraphLinks,
  places: ReadonlyMap<JobId, Place>,
  { id, target }: { readonly id: JobId; readonly target: JobId },
): number {
  const sorted = (needs.get(target) ?? []).toSorted((a, b) => {
    const [first, second] = [places.get(a), places.get(b)];
    return (first?.x ?? 0) - (second?.x ?? 0) || (first?.y ?? 0) - (second?.y ?? 0);
  });
  return sorted.indexOf(id);
}

/** Rows inside a job: one for each edge that arrives, one at least for its name. */
function rowsOf({ needs }: GraphLinks, id: JobId): number {
  return Math.max(1, needs.get(id)?.length ?? 0);
}

function isNeeded({ neededBy }: GraphLinks, id: JobId): boolean {
  return (neededBy.get(id)?.length ?? 0) > 0;
}

function edgeName(from: JobId, to: JobId): string {
  return `${from} ${to}`;
}
