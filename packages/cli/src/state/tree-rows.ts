import { jobsByMatrix, type JobId } from "@loom/core";
import {
  type JobUnit,
  type JobView,
  type RunView,
  type StageView,
  type UnitView,
  countKey,
  type StepUnit,
} from "@loom/reporters/view";
import { heldJobs } from "./held-jobs.ts";
import { matrixKey, openSize, unfoldedJobs, type JobMatrices } from "./matrix-fold.ts";

/** A row of the tree of a run. */
export type TreeRow =
  | { readonly kind: "stage"; readonly key: string; readonly stage: StageView; readonly open: boolean }
  | {
      readonly kind: "matrix";
      readonly key: string;
      readonly name: string;
      readonly jobs: readonly [JobView, ...JobView[]];
      readonly open: boolean;
      /** How many of its jobs are shown below it: if it is closed, some may be. */
      readonly shown: number;
    }
  | {
      readonly kind: "job";
      readonly key: string;
      readonly job: JobView;
      readonly open: boolean;
      /** The matrix that it stands below. */
      readonly matrix?: string;
    }
  | {
      readonly kind: "unit";
      readonly key: string;
      readonly job: JobView;
      readonly matrix?: string;
      readonly unit: UnitView["unit"];
      /** Absent for a step that has not started. */
      readonly begun?: UnitView;
    };

/** What the tree is made from. */
export interface TreeInput {
  readonly view: RunView;
  readonly units: (jobId: JobId) => readonly UnitView[];
  readonly steps: (jobId: JobId) => readonly StepUnit[];
  readonly matrices: JobMatrices;
  readonly opened: ReadonlyMap<string, boolean>;
  readonly compact: boolean;
  readonly picked?: string;
  /** Rows on the screen. If the tree has more, idle stages are closed. */
  readonly height: number;
}

/** What is decided for the whole tree before its rows are. */
interface TreeFacts extends TreeInput {
  /** The job that is selected, by the user or automatically. */
  readonly focusJob: JobId | undefined;
  /** The job that the user selected. */
  readonly pickedJob: JobId | undefined;
  readonly openSize: number;
}

/** The rows of the tree, and the selection. */
export interface Tree {
  readonly rows: readonly TreeRow[];
  /** Index of the selected row; -1 if there are no rows. */
  readonly index: number;
}

/** The tree of a run: stages, their jobs, those of a matrix below its name, and the steps and sections of open jobs. */
export function treeOf(input: TreeInput): Tree {
  const { view, picked } = input;
  const target = picked ?? automaticKey(input);
  const facts: TreeFacts = {
    ...input,
    focusJob: jobOfKey(target) ?? jobOfKey(automaticKey(input)),
    pickedJob: jobOfKey(picked),
    openSize: openSize(input.matrices, { all: view.stages.length + view.jobs.length, height: input.height }),
  };
  const inside = new Map(view.stages.map((stage) => [stageKeyOf(stage), rowsIn(stage, facts)]));
  const open = openStages(facts, inside);
  const rows: TreeRow[] = [];
  for (const stage of view.stages) {
    const key = stageKeyOf(stage);
    if (stage.name !== "" || view.stages.length > 1)
      rows.push({ kind: "stage", key, stage, open: open.has(key) });
    if (open.has(key)) for (const row of inside.get(key) ?? []) rows.push(row);
  }
  const index = rows.findIndex((row) => row.key === target);
  return { rows, index: index >= 0 ? index : fallbackIndex(rows, target, input.matrices) };
}

function stageKeyOf({ name }: StageView): string {
  return `stage:${name}`;
}

/** The jobs of a stage, in their order. */
export function jobsIn({ jobs }: RunView, { firstJob, counts }: StageView): readonly JobView[] {
  return jobs.slice(firstJob, firstJob + counts.total);
}

/** The keys of the open stages. If not everything fits, idle stages are closed until it does. */
function openStages(
  { view, opened, height, focusJob, picked, pickedJob }: TreeFacts,
  inside: ReadonlyMap<string, readonly TreeRow[]>,
): ReadonlySet<string> {
  const has = (stage: StageView, id: JobId | undefined): boolean =>
    id !== undefined && jobsIn(view, stage).some((job) => job.jobId === id);
  const isOpen = (stage: StageView): boolean =>
    (opened.get(stageKeyOf(stage)) ?? true) || has(stage, pickedJob);
  const open = new Map(view.stages.filter(isOpen).map((stage) => [stageKeyOf(stage), stage]));
  const sizeOf = (key: string): number => inside.get(key)?.length ?? 0;
  let rows = view.stages.length;
  for (const key of open.keys()) rows += sizeOf(key);
  for (const stage of [...view.stages].sort((a, b) => usefulness(a) - usefulness(b))) {
    const key = stageKeyOf(stage);
    if (rows <= height) break;
    const isBusy =
      stage.counts.running > 0 || stage.counts.held > 0 || stage.counts.failed > 0 || has(stage, focusJob);
    const isUsed = inside
      .get(key)
      ?.some((row) => row.kind === "matrix" && (row.key === picked || opened.get(row.key) === true));
    // What the user opened or closed stays that way.
    if (isBusy || isUsed === true || opened.has(key) || !open.delete(key)) continue;
    rows -= sizeOf(key);
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

/** The job of a row's key; `undefined` for a stage and a matrix. */
export function jobOfKey(key: string | undefined): JobId | undefined {
  if (key === undefined) return undefined;
  if (key.startsWith("job:")) return key.slice(4) as JobId;
  return key.startsWith("unit:") ? (key.slice(5, key.lastIndexOf("/")) as JobId) : undefined;
}

/** The row that is selected until the user selects one: the first failure, what is held, what is running, or what ended last. */
function automaticKey({ view, units }: TreeInput): string | undefined {
  const id = view.firstFailureId ?? heldJobs(view)[0]?.jobId ?? view.runningIds[0] ?? lastStarted(view);
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

/** The rows below a stage. */
function rowsIn(stage: StageView, facts: TreeFacts): readonly TreeRow[] {
  const { matrices, opened, pickedJob: picked } = facts;
  const rows: TreeRow[] = [];
  const all = jobsIn(facts.view, stage);
  if (matrices.nameOf.size === 0) {
    for (const job of all) addJob(rows, job, facts);
    return rows;
  }
  for (const { matrix, jobs } of jobsByMatrix(all, (job) => matrices.nameOf.get(job.jobId))) {
    if (matrix === undefined) {
      for (const job of jobs) addJob(rows, job, facts);
      continue;
    }
    const key = matrixKey(matrix);
    const { open, shown } = unfoldedJobs(jobs, {
      choice: opened.get(key),
      picked,
      openSize: facts.openSize,
    });
    rows.push({ kind: "matrix", key, name: matrix, jobs, open, shown: shown.length });
    for (const job of shown) addJob(rows, job, facts, matrix);
  }
  return rows;
}

function addJob(rows: TreeRow[], job: JobView, input: TreeFacts, matrix?: string): void {
  const key = `job:${job.jobId}`;
  const units = input.units(job.jobId);
  const open = input.opened.get(key) ?? (countKey(job) === "failed" || job.jobId === input.focusJob);
  const below = matrix === undefined ? {} : { matrix };
  rows.push({ kind: "job", key, job, open, ...below });
  if (!open) return;
  for (const begun of units) {
    const done = begun.unit.kind === "section" && begun.status === "success";
    const unitRow = unitKey(job.jobId, begun.unit);
    if (done && input.compact && unitRow !== input.picked) continue;
    rows.push({ kind: "unit", key: unitRow, job, ...below, unit: begun.unit, begun });
  }
  // A step that was left out comes before one that has begun.
  const lastBegun = Math.max(0, ...units.map(({ unit }) => (unit.kind === "step" ? unit.step : 0)));
  for (const unit of input.steps(job.jobId)) {
    if (unit.step <= lastBegun) continue;
    rows.push({ kind: "unit", key: unitKey(job.jobId, unit), job, ...below, unit });
  }
}

/** Where the selection goes if its row is gone: to its job, which may have been closed, to its matrix, or to the top. */
function fallbackIndex(
  rows: readonly TreeRow[],
  target: string | undefined,
  { nameOf }: Pick<JobMatrices, "nameOf">,
): number {
  const job = jobOfKey(target);
  const matrix = job && nameOf.get(job);
  for (const key of [job && `job:${job}`, matrix && matrixKey(matrix)]) {
    const index = key === undefined ? -1 : rows.findIndex((row) => row.key === key);
    if (index >= 0) return index;
  }
  return rows.length === 0 ? -1 : 0;
}
