import type { JobId } from "@loom/core";
import type { GraphLinks } from "../state/graph-links.ts";

/** Where a job is drawn. Unit: cells. */
export interface Place {
  readonly x: number;
  /** The row of its name, on which its first edge arrives. */
  readonly y: number;
  readonly width: number;
  /** Including its border, if it has one. */
  readonly height: number;
}

/** A corner or an end of an edge. */
interface Corner {
  readonly x: number;
  readonly y: number;
}

/** How an edge is drawn. */
export interface PlacedEdge {
  readonly from: JobId;
  readonly to: JobId;
  /** From the job to the arrow. Each segment is horizontal or vertical. */
  readonly path: readonly Corner[];
}

/** A graph with its places. Unit: cells. */
export interface GraphLayout {
  readonly places: ReadonlyMap<JobId, Place>;
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** Rows above the first job: the names of the stages, and a free row. */
const ABOVE = 2;

/**
 * Places jobs and edges so that only edges of the same job share a segment: whatever looks like an edge is one.
 *
 * Each needed job has its own channel, a vertical line in the gap after its column. Each edge arrives in its own row.
 * An edge that skips columns also has its own lane, a row above the job it leads to, and its own vertical line down
 * to it. Jobs are on a grid, so that edges leave, arrive and pass in different rows.
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
  /** The needs of each job that are not in the column directly before it. */
  readonly far: ReadonlyMap<JobId, readonly JobId[]>;
  /** The lane of each edge that skips columns, from 0, counted upwards from the job it leads to. */
  readonly laneOf: ReadonlyMap<string, number>;
  /** How many lanes there are above each row of jobs. */
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
  // One row below the tallest job is for the edges that leave.
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

/** For each edge that skips columns, the column in which it comes down to its job. */
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

/** Whether an edge is a straight line: to a job in the same row of the next column, which needs nothing else. */
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

/** In which row of its target an edge arrives, from 0: those from the left first, then those from above. */
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

/** Rows inside a job: one for each arriving edge, at least one for its name. */
function rowsOf({ needs }: GraphLinks, id: JobId): number {
  return Math.max(1, needs.get(id)?.length ?? 0);
}

function isNeeded({ neededBy }: GraphLinks, id: JobId): boolean {
  return (neededBy.get(id)?.length ?? 0) > 0;
}

function edgeName(from: JobId, to: JobId): string {
  return `${from} ${to}`;
}
