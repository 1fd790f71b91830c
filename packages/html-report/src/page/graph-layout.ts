import type { ReportedJob } from "../report-data.ts";

/** How large a job is drawn, and how far jobs are apart. In units of the drawing, which are pixels. */
export const NODE = { width: 176, height: 28, gapX: 56, gapY: 8 } as const;

/** Above the jobs stand the names of stages. */
export const HEAD_HEIGHT = 32;

/** Where a job is drawn. */
export interface PlacedJob {
  readonly job: ReportedJob;
  /** From 0, from left to right. */
  readonly column: number;
  readonly x: number;
  readonly y: number;
}

/** A drawing of jobs in the columns of their stages. */
export interface DrawnGraph {
  /** By column, then from top to bottom. */
  readonly jobs: readonly PlacedJob[];
  readonly edges: readonly { readonly from: PlacedJob; readonly to: PlacedJob }[];
  readonly stages: readonly { readonly name: string; readonly x: number; readonly width: number }[];
  readonly width: number;
  readonly height: number;
}

/**
 * Places jobs: each stage has a column, or several where its jobs need one another. In a column, a job is near those that it needs.
 */
export function layoutGraph(jobs: readonly ReportedJob[], stageNames: readonly string[]): DrawnGraph {
  const byId = new Map(jobs.map((job) => [job.job_id, job]));
  const placed = new Map<string, PlacedJob>();
  const stages: { name: string; x: number; width: number }[] = [];
  let column = 0;
  let height = 0;
  for (const name of stageNames) {
    const members = jobs.filter(({ stage }) => stage === name);
    if (members.length === 0) continue;
    const depths = depthsWithin(members, byId);
    const columns = Math.max(...depths.values()) + 1;
    const xOf = (at: number): number => at * (NODE.width + NODE.gapX);
    stages.push({ name, x: xOf(column), width: xOf(columns) - NODE.gapX });
    for (let depth = 0; depth < columns; depth += 1, column += 1) {
      const here = members.filter(({ job_id: id }) => depths.get(id) === depth);
      const rankOf = new Map(here.map((job, index) => [job.job_id, rank(job, placed, index)]));
      here.sort((a, b) => (rankOf.get(a.job_id) ?? 0) - (rankOf.get(b.job_id) ?? 0));
      for (const [row, job] of here.entries()) {
        const y = HEAD_HEIGHT + row * (NODE.height + NODE.gapY);
        placed.set(job.job_id, { job, column, x: xOf(column), y });
        height = Math.max(height, y + NODE.height);
      }
    }
  }
  const all = [...placed.values()];
  const edges = all.flatMap((to) =>
    to.job.needs.flatMap((need) => {
      const from = placed.get(need);
      return from === undefined ? [] : [{ from, to }];
    }),
  );
  return {
    jobs: all,
    edges,
    stages,
    width: Math.max(NODE.width, column * (NODE.width + NODE.gapX) - NODE.gapX),
    height,
  };
}

/** How many jobs of the same stage are before each one on the longest way. */
function depthsWithin(
  members: readonly ReportedJob[],
  byId: ReadonlyMap<string, ReportedJob>,
): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  const [first] = members;
  const depthOf = (job: ReportedJob): number => {
    const known = depths.get(job.job_id);
    if (known !== undefined) return known;
    // Of evidence that has a circle, which no run has.
    depths.set(job.job_id, 0);
    const before = job.needs
      .map((need) => byId.get(need))
      .filter((need) => need !== undefined)
      .filter(({ stage }) => stage === first?.stage)
      .map((need) => depthOf(need) + 1);
    const depth = Math.max(0, ...before);
    depths.set(job.job_id, depth);
    return depth;
  };
  for (const job of members) depthOf(job);
  return depths;
}

/** The middle of what a job needs; its place in the list where it needs nothing. */
function rank(job: ReportedJob, placed: ReadonlyMap<string, PlacedJob>, index: number): number {
  const needs = job.needs.map((need) => placed.get(need)?.y).filter((y) => y !== undefined);
  const own = HEAD_HEIGHT + index * (NODE.height + NODE.gapY);
  return needs.length === 0 ? own : needs.reduce((sum, y) => sum + y, 0) / needs.length;
}
