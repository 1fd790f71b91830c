import type { JobId } from "@loom/core";
import {
  type FailureView,
  type JobUnit,
  type JobView,
  type RunView,
  type UnitView,
  unitEventsPath,
  type StepUnit,
} from "@loom/reporters/view";
import type { KeyBinding, KeyScope } from "../keys/key-map.ts";
import type { PastRun } from "@loom/diagnosis";
import type { ShownFailure } from "./shown-failure.ts";
import type { ScreenSize } from "../terminal/terminal.ts";
import { inside, layoutOf, type Layout } from "./layout.ts";
import type { JobMatrices } from "./matrix-fold.ts";
import { hasSteps, jobsIn, treeOf, unitToShow, type Tree, type TreeRow } from "./tree-rows.ts";
import { FOLLOWING, type LogPosition, type UiState } from "./ui-state.ts";
import { ALL_JOBS_KEY, jobLogKey } from "../log/log-key.ts";
import type { TellingLine } from "../log/telling-lines.ts";
import type { ShownRows } from "../log/shown-rows.ts";
import { isHeld } from "./held-jobs.ts";
import { inTimeOrder } from "./job-order.ts";
import { filterRuns } from "./filter-runs.ts";
import { nextInGraph, type GraphLinks } from "./graph-links.ts";

/** The inputs of a scene, apart from the screen's state. */
export interface SceneWorld {
  readonly view: RunView;
  readonly nowMs: number;
  readonly keys: readonly KeyBinding[];
  readonly units: (jobId: JobId) => readonly UnitView[];
  readonly steps: (jobId: JobId) => readonly StepUnit[];
  readonly links: GraphLinks;
  readonly matrices: JobMatrices;
  /** The jobs on the critical path so far. O(jobs). */
  readonly critical: () => ReadonlySet<JobId>;
  readonly size: ScreenSize;
  /** Whether a run is visible, rather than only the list of past runs. */
  readonly hasRun: boolean;
  /** Whether the visible run is live: this process runs it. */
  readonly live: boolean;
  /** Whether the process of a visible past run is alive. */
  readonly isAlive: boolean;
  /** Milliseconds between asking a job to end and killing it; absent if unknown. */
  readonly graceMs?: number;
  /** Whether the screen may close to rerun jobs: it has no live run, or that one is over. */
  readonly mayLeave: boolean;
  /** Whether the visible run is over and its documents are written. */
  readonly finished: boolean;
  readonly runs: readonly PastRun[];
  /** The failure that was read last. It may be of a job that is no longer visible. */
  readonly failure?: ShownFailure;
  /** Why a job is held: what failed, and at most `room` lines that tell of it. Reads its log. */
  readonly heldOf: (jobId: JobId, room: number) => HeldFailure;
  /** The rows of a log that are shown. */
  readonly rowsOf: (key: string) => ShownRows;
}

/** What made a job be held. */
export interface HeldFailure {
  readonly failure?: FailureView;
  readonly lines: readonly TellingLine[];
}

/** The visible log or document. */
export interface VisibleLog {
  /** Path relative to the run's folder; for a document, an absolute path. */
  readonly key: string;
  readonly title: string;
  readonly job?: JobView;
  readonly unit?: JobUnit;
  readonly position: LogPosition;
  readonly shown: ShownRows;
  /** The index of the first visible row among the shown ones. */
  readonly top: number;
  /** How many rows are shown; with a filter, how many pass it. */
  readonly total: number;
  /** Rows on the screen. */
  readonly height: number;
}

/** Everything that keys and drawing need, computed once for both. */
export interface Scene {
  readonly world: SceneWorld;
  readonly state: UiState;
  readonly layout: Layout;
  readonly context: KeyScope;
  readonly tree: Tree;
  readonly selected?: TreeRow;
  /** The selected job, in every view. */
  readonly job?: JobView;
  readonly log?: VisibleLog;
  /** Failed jobs, blocking ones first. */
  readonly failures: readonly JobId[];
  readonly runs: readonly PastRun[];
  /** The index of the selected run among them; -1 if there are none. */
  readonly runIndex: number;
  /** The jobs in the order of the current view. */
  readonly jobs: readonly JobView[];
}

/** Computes a scene. Pure. */
export function sceneOf(world: SceneWorld, state: UiState): Scene {
  const layout = layoutOf(world.size, state);
  const { view } = world;
  const tree = treeOf({
    view,
    units: world.units,
    steps: world.steps,
    matrices: world.matrices,
    opened: state.opened,
    compact: state.compact,
    height:
      layout.kind === "panes" && layout.tree !== undefined ? inside(layout.tree).height : world.size.rows - 5,
    ...(state.picked !== undefined && { picked: state.picked }),
  });
  const selected = tree.rows[tree.index];
  const failures = failuresOf(view);
  const job = focusedJob(world, state, selected, failures);
  const log = visibleLog(world, state, { layout, selected, job });
  const runs = filterRuns(world.runs, state.runsFilter);
  const runIndex = runs.findIndex(({ runId }) => runId === state.run);
  return {
    world,
    state,
    layout,
    context: contextOf(state, layout),
    tree,
    failures,
    runs,
    runIndex: runIndex < 0 ? Math.min(0, runs.length - 1) : runIndex,
    jobs: state.view === "time" ? inTimeOrder(view.jobs, state.timeSort, world.nowMs) : view.jobs,
    ...(selected !== undefined && { selected }),
    ...(job !== undefined && { job }),
    ...(log !== undefined && { log }),
  };
}

/** The job that one step in the graph leads to. */
export function graphStep(scene: Scene, direction: "up" | "down" | "left" | "right"): JobId | undefined {
  return nextInGraph(scene.world.links, scene.job?.jobId, direction);
}

/** Whether the log is that of all jobs, rather than of what is selected. */
export function showsAllJobs({ view, allJobs, zoom }: UiState): boolean {
  return allJobs && view === "run" && zoom?.kind !== "document";
}

function contextOf(state: UiState, layout: Layout): KeyScope {
  if (state.zoom !== undefined) return "log";
  if (state.view !== "run") return state.view;
  if (layout.kind === "panes" && layout.tree === undefined) return "log";
  return state.pane;
}

function failuresOf(view: RunView): JobId[] {
  const byId = new Map(view.jobs.map((job) => [job.jobId, job]));
  const blocking = view.failedIds.filter((id) => isBlocking(byId.get(id)));
  return [...blocking, ...view.failedIds.filter((id) => !isBlocking(byId.get(id)))];
}

function isBlocking(job: JobView | undefined): boolean {
  return job?.status === "failed" && job.blocking;
}

function focusedJob(
  world: SceneWorld,
  state: UiState,
  selected: TreeRow | undefined,
  failures: readonly JobId[],
): JobView | undefined {
  const byId = (id: JobId | undefined): JobView | undefined =>
    world.view.jobs.find((job) => job.jobId === id);
  if (state.view === "failures") return byId(failures[Math.min(state.failure, failures.length - 1)]);
  if (selected === undefined) return undefined;
  if (selected.kind === "job" || selected.kind === "unit") return selected.job;
  const jobs = selected.kind === "matrix" ? selected.jobs : jobsIn(world.view, selected.stage);
  return (
    jobs.find((job) => job.status === "failed") ??
    jobs.find(isHeld) ??
    jobs.find((job) => job.status === "running") ??
    jobs[0]
  );
}

function visibleLog(
  world: SceneWorld,
  state: UiState,
  given: {
    readonly layout: Layout;
    readonly selected: TreeRow | undefined;
    readonly job: JobView | undefined;
  },
): VisibleLog | undefined {
  const { layout, selected, job } = given;
  const height =
    layout.kind === "zoom"
      ? layout.log.height
      : layout.kind === "panes" && layout.log !== undefined
        ? inside(layout.log).height
        : 0;
  const common = (key: string, initial = FOLLOWING): Omit<VisibleLog, "title" | "job" | "unit"> => {
    const shown = world.rowsOf(key);
    const position = state.logs.get(key) ?? initial;
    return {
      key,
      position,
      shown,
      top: topOf(position, shown, { height, wrap: state.wrap }),
      total: shown.count,
      height,
    };
  };
  if (state.zoom?.kind === "document") {
    const { path, title } = state.zoom;
    // A document is shown from its start.
    return { ...common(path, { ...FOLLOWING, follow: false }), title };
  }
  if (showsAllJobs(state)) return { ...common(ALL_JOBS_KEY), title: "all jobs" };
  if (job === undefined) return undefined;
  // For a job, rather than a part of it, all steps are shown as one log.
  const isWhole = state.view !== "failures" && (state.view !== "run" || selected?.kind !== "unit");
  const isCause = job.status === "failed" && job.failure.unit.kind !== "step";
  if (isWhole && !isCause && hasSteps(world.units(job.jobId)))
    return { ...common(jobLogKey(job.jobId)), title: "", job };
  const unit =
    selected?.kind === "unit" && state.view === "run"
      ? selected.unit
      : unitToShow(job, world.units(job.jobId));
  if (unit === undefined) return undefined;
  return { ...common(unitEventsPath(job.jobId, unit)), title: "", job, unit };
}

/** The index of the first visible row among the shown ones. */
function topOf(
  { follow, top }: LogPosition,
  shown: ShownRows,
  { height, wrap }: { readonly height: number; readonly wrap: boolean },
): number {
  const end = Math.max(0, shown.count - height);
  // A wrapped line takes several rows, so even the last line may be at the top.
  return follow ? end : Math.min(shown.indexOf(top), wrap ? Math.max(0, shown.count - 1) : end);
}
