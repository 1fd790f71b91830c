import type { JobView, RunView, StageView } from "../view/run-view.ts";

/** A row of the list: a stage, or one of its jobs. */
export type ListRow =
  | { readonly kind: "stage"; readonly stage: StageView }
  | { readonly kind: "job"; readonly job: JobView };

/** Where the list stands: with the jobs at work, or where a person put it (`top`: the first row shown, from 0). */
export type Scroll = { readonly kind: "follow" } | { readonly kind: "fixed"; readonly top: number };

/** The part of the list that is on the screen. */
export interface ListWindow {
  readonly rows: readonly ListRow[];
  /** Index of the first row shown. */
  readonly top: number;
  /** Rows of the whole list. */
  readonly total: number;
}

/**
 * The rows that fit. Costs O(stages + height), and O(jobs) comparisons to find
 * the job to follow when not everything fits.
 *
 * @param height - Rows on the screen, 0 or more.
 */
export function listWindow(view: RunView, height: number, scroll: Scroll): ListWindow {
  const total = view.stages.length + view.jobs.length;
  const wanted = scroll.kind === "fixed" ? scroll.top : followedRow(view, height, total);
  const top = Math.max(0, Math.min(wanted, total - height));
  const rows: ListRow[] = [];
  for (const [number, stage] of view.stages.entries()) {
    const header = stage.firstJob + number;
    if (header >= top + height) break;
    if (header >= top) rows.push({ kind: "stage", stage });
    const first = Math.max(0, top - header - 1);
    const last = Math.min(stage.counts.total, top + height - header - 1);
    for (const job of view.jobs.slice(stage.firstJob + first, stage.firstJob + Math.max(first, last))) {
      rows.push({ kind: "job", job });
    }
  }
  return { rows, top, total };
}

/** Puts the job that runs longest, or the one that ended last, in the upper third. */
function followedRow(view: RunView, height: number, total: number): number {
  if (total <= height) return 0;
  const id = view.runningIds[0] ?? view.endedIds.at(-1);
  const index = view.jobs.findIndex((job) => job.jobId === id);
  const headers = view.stages.filter((stage) => stage.firstJob <= index).length;
  return index + headers - Math.floor(height / 3);
}
