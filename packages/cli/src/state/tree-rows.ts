import type { JobId } from "@loom/core";
import {
  type JobUnit,
  type JobView,
  type RunView,
  type StageView,
  type UnitView,
  countKey,
  type StepUnit,
} from "@loom/reporters/view";

/** A row of the tree of a run. */
export type TreeRow =
  | { readonly kind: "stage"; readonly key: string; readonly stage: StageView; readonly open: boolean }
  | { readonly kind: "job"; readonly key: string; readonly job: JobView; readonly open: boolean }
  | {
      readonly kind: "unit";
      readonly key: string;
      readonly job: JobView;
      readonly unit: UnitView["unit"];
      /** Absent for a step that has not started. */
      readonly begun?: UnitView;
    };

/** What the tree is made from. */
export interface TreeInput {
  readonly view: RunView;
  readonly units: (jobId: JobId) => readonly UnitView[];
  readonly steps: (jobId: JobId) => readonly StepUnit[];
  readonly opened: ReadonlyMap<string, boolean>;
  readonly compact: boolean;
  readonly picked?: string;
  /** Rows on the screen. If the tree has more, idle stages are closed. */
  readonly height: number;
}

/** The rows of the tree, and the selection. */
export interface Tree {
  readonly rows: readonly TreeRow[];
  /** Index of the selected row; -1 if there are no rows. */
  readonly index: number;
}

/** The tree of a run: stages, their jobs, and the steps and sections of open jobs. */
export function treeOf(input: TreeInput): Tree {
  const { view, picked } = input;
  const target = picked ?? automaticKey(input);
  const focusJob = jobOfKey(target) ?? jobOfKey(automaticKey(input));
  const open = openStages(input, focusJob);
  const rows: TreeRow[] = [];
  for (const stage of view.stages) {
    const key = stageKeyOf(stage);
    if (stage.name !== "" || view.stages.length > 1)
      rows.push({ kind: "stage", key, stage, open: open.has(key) });
    if (!open.has(key)) continue;
    for (const job of jobsIn(view, stage)) addJob(rows, job, input, focusJob);
  }
  const index = rows.findIndex((row) => row.key === target);
  return { rows, index: index >= 0 ? index : fallbackIndex(rows, target) };
}

function stageKeyOf({ name }: StageView): string {
  return `stage:${name}`;
}

/** The jobs of a stage, in their order. */
export function jobsIn({ jobs }: RunView, { firstJob, counts }: StageView): readonly JobView[] {
  return jobs.slice(firstJob, firstJob + counts.total);
}

/** The keys of the open stages. If not everything fits, idle stages are closed until it does. */
function openStages(input: TreeInput, focusJob: JobId | undefined): ReadonlySet<string> {
  const { view, opened, height } = input;
  const isOpen = (stage: StageView): boolean => opened.get(stageKeyOf(stage)) ?? true;
  const open = new Map(view.stages.filter(isOpen).map((stage) => [stageKeyOf(stage), stage]));
  const sizes = new Map<string, number>();
  let rows = view.stages.length;
  for (const [key, stage] of open) {
    const inside: TreeRow[] = [];
    for (const job of jobsIn(view, stage)) addJob(inside, job, input, focusJob);
    sizes.set(key, inside.length);
    rows += inside.length;
  }
  for (const stage of [...view.stages].sort((a, b) => usefulness(a) - usefulness(b))) {
    const key = stageKeyOf(stage);
    if (rows <= height) break;
    const isBusy =
      stage.counts.running > 0 ||
      stage.counts.failed > 0 ||
      jobsIn(view, stage).some((job) => job.jobId === focusJob);
    // What the user opened or closed stays that way.
    if (isBusy || opened.has(key) || !open.delete(key)) continue;
    rows -= sizes.get(key) ?? 0;
  }
  return new Set(open.keys());
}

/** Finished stages are closed first, then waiting ones. */
function usefulness({ counts }: StageView): number {
  return counts.waiting + counts.queued === 0 ? 0 : 1;
}

/** The part of a job to show: what failed, what is running, or the last step. `undefined` if nothing has started. */
export function unitToShow(job: JobView, units: readonly UnitView[]): JobUnit | undefined {
  if (job.status === "failed") return job.failure.unit;
  if (job.status === "running")
    return units.findLast((unit) => unit.status === "running")?.unit ?? units.at(-1)?.unit;
  return units.findLast((unit) => unit.unit.kind === "step")?.unit ?? units.at(-1)?.unit;
}

/** Whether a step of a job has started. */
export function hasSteps(units: readonly UnitView[]): boolean {
  return units.some(({ unit }) => unit.kind === "step");
}

/** The key of the row of a part of a job. */
export function unitKey(jobId: JobId, unit: JobUnit): string {
  const name = unit.kind === "step" ? unit.step : unit.kind === "section" ? unit.section : unit.phase;
  return `unit:${jobId}/${name}`;
}

/** The job of a row's key; `undefined` for a stage. */
export function jobOfKey(key: string | undefined): JobId | undefined {
  if (key === undefined) return undefined;
  if (key.startsWith("job:")) return key.slice(4) as JobId;
  return key.startsWith("unit:") ? (key.slice(5, key.lastIndexOf("/")) as JobId) : undefined;
}

/** The row that is selected until the user selects one: the first failure, what is running, or what ended last. */
function automaticKey({ view, units }: TreeInput): string | undefined {
  const id = view.firstFailureId ?? view.runningIds[0] ?? lastStarted(view);
  if (id === undefined) return view.jobs[0] && `job:${view.jobs[0].jobId}`;
  const job = view.jobs.find((candidate) => candidate.jobId === id);
  const unit = job && unitToShow(job, units(id));
  // In a failed job, the part that failed is selected; in any other, the job, whose steps are shown as one log.
  const isPart =
    unit !== undefined && unit.kind !== "phase" && (job?.status === "failed" || !hasSteps(units(id)));
  return isPart ? unitKey(id, unit) : `job:${id}`;
}

function lastStarted(view: RunView): JobId | undefined {
  const byId = new Map(view.jobs.map((job) => [job.jobId, job]));
  return view.endedIds.findLast((id) => {
    const job = byId.get(id);
    return job !== undefined && job.status !== "skipped";
  });
}

function addJob(rows: TreeRow[], job: JobView, input: TreeInput, focusJob: JobId | undefined): void {
  const key = `job:${job.jobId}`;
  const units = input.units(job.jobId);
  const open = input.opened.get(key) ?? (countKey(job) === "failed" || job.jobId === focusJob);
  rows.push({ kind: "job", key, job, open });
  if (!open) return;
  for (const begun of units) {
    const done = begun.unit.kind === "section" && begun.status === "success";
    const unitRow = unitKey(job.jobId, begun.unit);
    if (done && input.compact && unitRow !== input.picked) continue;
    rows.push({ kind: "unit", key: unitRow, job, unit: begun.unit, begun });
  }
  // A step that was left out comes before one that has begun.
  const lastBegun = Math.max(0, ...units.map(({ unit }) => (unit.kind === "step" ? unit.step : 0)));
  for (const unit of input.steps(job.jobId)) {
    if (unit.step <= lastBegun) continue;
    rows.push({ kind: "unit", key: unitKey(job.jobId, unit), job, unit });
  }
}

/** Where the selection goes if its row is gone: to its job, which may have been closed, or to the top. */
function fallbackIndex(rows: readonly TreeRow[], target: string | undefined): number {
  const job = jobOfKey(target);
  const index = job === undefined ? -1 : rows.findIndex((row) => row.key === `job:${job}`);
  if (index >= 0) return index;
  return rows.length === 0 ? -1 : 0;
}
