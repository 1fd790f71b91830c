import { unreachable } from "@loom/core";
import type { JobView } from "@loom/reporters/view";
import type { KeyEvent } from "../keys/decode-keys.ts";
import { commandOf, type Command } from "../keys/key-map.ts";
import type { Movement } from "./contexts/context-keys.ts";
import { KEYS_OF_CONTEXT } from "./contexts/keys-of-context.ts";
import { compareRuns, openSelectedRun } from "./contexts/runs-keys.ts";
import { plain, toView, withEffect } from "./contexts/movement.ts";
import { findJob } from "./find-job.ts";
import { heldJobs, isHeld } from "./held-jobs.ts";
import { scrollLog, goToRow } from "./log-position.ts";
import { selectJob } from "./move-tree.ts";
import type { Reduction } from "./reduction.ts";
import { reduceOverlay } from "./reduce-overlay.ts";
import { reducePrompt } from "./reduce-prompt.ts";
import { showsAllJobs, type Scene } from "./scene.ts";
import type { Prompt, TimeColumn, UiState, ViewName } from "./ui-state.ts";

const VIEWS: Partial<Record<Command, ViewName>> = {
  view_run: "run",
  view_graph: "graph",
  view_time: "time",
  view_failures: "failures",
  view_runs: "runs",
};

const NEXT_TIME: { readonly [T in TimeColumn]: TimeColumn } = {
  clock: "since",
  since: "none",
  none: "clock",
};

const NOTHING_RUNS = "nothing is running";

/** Lines per turn of the wheel. */
const WHEEL_LINES = 3;

/** Handles a key or a mouse event. Pure. */
export function reduceKey(state: UiState, event: KeyEvent, scene: Scene): Reduction {
  const { notice: _said, ...quiet } = state;
  const current: UiState = { ...quiet, touched: true };
  if (event.kind === "key" && event.key === "ctrl-c") return interrupt(current, scene);
  if (current.prompt !== undefined) return reducePrompt(current, current.prompt, event, scene);
  if (current.overlay !== undefined) return reduceOverlay(current, current.overlay, event, scene);
  if (event.kind === "mouse") return reduceMouse(current, event, scene);
  if (event.kind === "paste") return plain(current);
  if (current.pending !== undefined) return reduceSecondKey(current, event.key, scene);
  const command = commandOf(event.key, scene.context, scene.world.keys);
  return command === undefined ? plain(current) : reduceCommand(current, command, scene);
}

/** Performs a command. Pure. */
export function reduceCommand(state: UiState, command: Command, scene: Scene): Reduction {
  const view = VIEWS[command];
  if (view !== undefined) {
    // Without a visible run, the other views show the run that is selected in the list.
    const isListOnly = state.view === "runs" && !scene.world.hasRun;
    return isListOnly && view !== "runs" ? openSelectedRun(state, scene, view) : plain(toView(state, view));
  }
  switch (command) {
    case "down":
      return move(state, scene, byRows(1));
    case "up":
      return move(state, scene, byRows(-1));
    case "half_down":
      return move(state, scene, { by: "pages", pages: 0.5 });
    case "half_up":
      return move(state, scene, { by: "pages", pages: -0.5 });
    case "page_down":
      return move(state, scene, { by: "pages", pages: 1 });
    case "page_up":
      return move(state, scene, { by: "pages", pages: -1 });
    case "first":
      return move(state, scene, byRows(Number.NEGATIVE_INFINITY));
    case "last":
      return move(state, scene, byRows(Number.POSITIVE_INFINITY));
    case "left":
    case "right":
      return plain(KEYS_OF_CONTEXT[scene.context].sideways(state, scene, command));
    case "next_pane":
      return plain({ ...state, pane: state.pane === "tree" ? "log" : "tree" });
    case "enter":
      return KEYS_OF_CONTEXT[scene.context].enter(state, scene);
    case "back":
      return back(state, scene);
    case "search":
      return plain({ ...state, prompt: searchPrompt(state, scene) });
    case "filter":
      return plain(
        state.view === "runs" && state.zoom === undefined
          ? { ...state, prompt: { kind: "runs", text: state.runsFilter } }
          : { ...state, prompt: { kind: "filter", text: state.filter } },
      );
    case "next_match":
      if (searchesJobs(scene)) return plain(toJob(state, scene, 1));
      return withEffect(state, { kind: "jump", to: "match", direction: 1 });
    case "previous_match":
      if (searchesJobs(scene)) return plain(toJob(state, scene, -1));
      return withEffect(state, { kind: "jump", to: "match", direction: -1 });
    case "next_error":
      return withEffect(state, { kind: "jump", to: "error", direction: 1 });
    case "previous_error":
      return withEffect(state, { kind: "jump", to: "error", direction: -1 });
    case "follow":
      return plain(
        scrollLog(state, scene, { kind: scene.log?.position.follow === true ? "pause" : "follow" }),
      );
    case "all_jobs":
      return plain(toggleAllJobs(state));
    case "wrap":
      return plain({
        ...state,
        wrap: !state.wrap,
        notice: state.wrap ? "long lines are cut" : "long lines are wrapped",
      });
    case "time":
      return plain({ ...state, time: NEXT_TIME[state.time] });
    case "next_failure":
      return toFailure(state, scene, 1);
    case "previous_failure":
      return toFailure(state, scene, -1);
    case "compact":
      return plain({ ...state, compact: !state.compact });
    case "critical":
      return plain({ ...state, critical: !state.critical });
    case "zoom_in":
      return plain({ ...state, timeZoom: Math.min(32, state.timeZoom * 2) });
    case "zoom_out":
      return plain({ ...state, timeZoom: Math.max(1, state.timeZoom / 2) });
    case "sort":
      return plain({ ...state, timeSort: state.timeSort === "start" ? "duration" : "start" });
    case "mark":
      return plain({ ...state, pending: "mark", notice: "mark: press a letter" });
    case "go_mark":
      return plain({ ...state, pending: "go", notice: "go to mark: press its letter" });
    case "open":
      return withEffect(state, { kind: "open_editor" });
    case "copy_path":
      return withEffect({ ...state, pending: "copy" }, { kind: "copy_path", absolute: false });
    case "copy_text":
      return withEffect(state, { kind: "copy_text" });
    case "rerun":
      return rerun(state, scene);
    case "compare":
      return compareRuns(state, scene);
    case "cancel":
      if (scene.world.finished) return plain({ ...state, notice: NOTHING_RUNS });
      return plain({
        ...state,
        overlay: { kind: "cancel", ...(scene.job?.status === "running" && { job: scene.job.jobId }) },
      });
    case "play":
      return play(state, scene);
    case "unpause":
      return askHeld(state, scene);
    case "stream":
      if (scene.world.finished) return plain({ ...state, notice: NOTHING_RUNS });
      if (!scene.world.live) return plain({ ...state, notice: "only a run of this process can be streamed" });
      return withEffect(state, { kind: "stream" });
    case "mouse":
      return withEffect(
        {
          ...state,
          mouse: !state.mouse,
          notice: state.mouse ? "mouse off" : "mouse on: select text with Shift held",
        },
        { kind: "mouse", on: !state.mouse },
      );
    case "help":
      return plain({ ...state, overlay: { kind: "help", filter: "", top: 0 } });
    case "quit":
      if (scene.world.live && !scene.world.finished) return plain({ ...state, overlay: { kind: "quit" } });
      return withEffect(state, { kind: "quit" });
    case "interrupt":
      return interrupt(state, scene);
    case "suspend":
      return withEffect(state, { kind: "suspend" });
    case "repaint":
      return withEffect(state, { kind: "repaint" });
    case "view_run":
    case "view_graph":
    case "view_time":
    case "view_failures":
    case "view_runs":
      return plain(state);
    default:
      return unreachable(command);
  }
}

function byRows(rows: number): Movement {
  return { by: "rows", rows };
}

function move(state: UiState, scene: Scene, movement: Movement): Reduction {
  return plain(KEYS_OF_CONTEXT[scene.context].move(state, scene, movement));
}

/** Shows the log of all jobs in the run view, or again the one of what is selected. */
function toggleAllJobs(state: UiState): UiState {
  if (showsAllJobs(state)) return { ...state, allJobs: false };
  return { ...(state.view === "run" ? state : toView(state, "run")), allJobs: true, pane: "log" };
}

/** Goes one step back: clears the search or the filter, leaves the zoom, the log of all jobs or the view, and at last the past run. */
function back(state: UiState, scene: Scene): Reduction {
  if (scene.context === "log" && state.search !== "") return plain({ ...state, search: "" });
  if (scene.context === "log" && state.filter !== "") return plain({ ...state, filter: "" });
  if (state.zoom !== undefined) {
    const { zoom: _zoomed, ...rest } = state;
    return plain(rest);
  }
  if (state.search !== "") return plain({ ...state, search: "" });
  if (state.filter !== "") return plain({ ...state, filter: "" });
  if (state.view === "runs" && state.runsFilter !== "") return plain(withoutRunsFilter(state, scene));
  if (showsAllJobs(state)) return plain({ ...state, allJobs: false });
  if (state.view === "run" && state.pane === "log") return plain({ ...state, pane: "tree" });
  const previous = state.previous.at(-1);
  if (previous !== undefined)
    return plain({ ...state, view: previous, previous: state.previous.slice(0, -1) });
  return scene.world.live ? plain(state) : withEffect(state, { kind: "close_run" });
}

/** Asks for the selected job, or for the jobs of the selected matrix, if they wait for that. */
function play(state: UiState, scene: Scene): Reduction {
  if (scene.world.finished) return plain({ ...state, notice: NOTHING_RUNS });
  const waiting = chosenJobs(state, scene).filter((job) => job.status === "pending" && job.waits === true);
  if (waiting.length === 0)
    return plain({ ...state, notice: "only a manual job that waits to be asked for can be played" });
  return { state, effects: waiting.map((job) => ({ kind: "play", job: job.jobId })) };
}

/** Asks how the selected job goes on, or the first one that is held. */
function askHeld(state: UiState, { world, job }: Scene): Reduction {
  if (world.finished) return plain({ ...state, notice: NOTHING_RUNS });
  const held = isHeld(job) ? job : heldJobs(world.view)[0];
  if (held === undefined) return plain({ ...state, notice: "no job is held" });
  return plain({ ...state, overlay: { kind: "held", job: held.jobId } });
}

/** Shows all runs again. The same one stays selected. */
function withoutRunsFilter(state: UiState, { runs, runIndex }: Scene): UiState {
  const run = runs[runIndex]?.runId ?? state.run;
  return { ...state, runsFilter: "", ...(run !== undefined && { run }) };
}

/** Whether a search finds jobs, because the context lists jobs; otherwise it finds lines of the log. */
function searchesJobs({ context }: Scene): boolean {
  return context === "tree" || context === "graph" || context === "time";
}

function searchPrompt(state: UiState, scene: Scene): Prompt {
  if (!searchesJobs(scene)) return { kind: "search", text: "" };
  return { kind: "job", text: "", ...(state.picked !== undefined && { picked: state.picked }) };
}

/** Selects the next match of the last job search. */
function toJob(state: UiState, scene: Scene, direction: 1 | -1): UiState {
  if (state.jobSearch === "") return { ...state, notice: "nothing to find: / starts a search" };
  const index = scene.jobs.findIndex(({ jobId }) => jobId === scene.job?.jobId);
  const found = findJob(scene.jobs, state.jobSearch, { from: index + direction, direction });
  return found === undefined ? { ...state, notice: "no such job" } : selectJob(state, found);
}

function toFailure(state: UiState, scene: Scene, direction: 1 | -1): Reduction {
  const { failures } = scene;
  if (failures.length === 0) return plain({ ...state, notice: "no job has failed" });
  const at = scene.job === undefined ? -1 : failures.indexOf(scene.job.jobId);
  const next =
    at < 0 ? (direction > 0 ? 0 : failures.length - 1) : (at + direction + failures.length) % failures.length;
  const id = failures[next];
  if (id === undefined) return plain(state);
  const { excerptTop: _other, ...chosen } = selectJob(state, id);
  const picked = {
    ...chosen,
    failure: next,
    step: 0,
    notice: `failure ${next + 1} of ${failures.length}: ${id}`,
  };
  return plain(picked);
}

function rerun(state: UiState, scene: Scene): Reduction {
  if (!scene.world.mayLeave || !scene.world.finished)
    return plain({ ...state, notice: "jobs can be rerun once this run has finished" });
  const chosen = state.view === "run" ? chosenJobs(state, scene) : [];
  const failed = chosen.filter(({ status }) => status === "failed");
  const again = failed.length > 0 ? failed : chosen;
  const jobs = again.length > 0 ? again.map(({ jobId }) => jobId) : scene.failures;
  if (jobs.length === 0) return plain({ ...state, notice: "no job has failed" });
  return plain({ ...state, overlay: { kind: "rerun", jobs } });
}

/** The selected job; in the run view, all jobs of a selected matrix. */
function chosenJobs({ view }: UiState, { selected, job }: Scene): readonly JobView[] {
  if (view === "run" && selected?.kind === "matrix") return selected.jobs;
  return job === undefined ? [] : [job];
}

function interrupt(state: UiState, scene: Scene): Reduction {
  if (!scene.world.live || scene.world.finished) return withEffect(state, { kind: "quit" });
  const { overlay: _closed, prompt: _left, ...rest } = state;
  return withEffect({ ...rest, interrupts: state.interrupts + 1 }, { kind: "interrupt" });
}

function reduceMouse(state: UiState, event: Extract<KeyEvent, { kind: "mouse" }>, scene: Scene): Reduction {
  const { layout } = scene;
  if (event.what === "press") {
    if (layout.kind !== "panes" || layout.log === undefined || layout.tree === undefined) return plain(state);
    return plain({ ...state, pane: event.x >= layout.log.x ? "log" : "tree" });
  }
  const rows = event.what === "wheel_down" ? WHEEL_LINES : -WHEEL_LINES;
  const overLog = layout.kind === "panes" && layout.log !== undefined && event.x >= layout.log.x;
  return overLog ? plain(scrollLog(state, scene, { kind: "by", rows })) : move(state, scene, byRows(rows));
}

function reduceSecondKey(state: UiState, key: string, scene: Scene): Reduction {
  const { pending, ...rest } = state;
  if (pending === "copy") {
    if (key === "y") return withEffect(rest, { kind: "copy_path", absolute: true });
    return reduceKey(rest, { kind: "key", key }, scene);
  }
  const { log } = scene;
  if (!/^[a-z]$/i.test(key) || log === undefined) return plain(rest);
  const name = `${log.key} ${key}`;
  if (pending === "mark") {
    const row = log.shown.rowAt(log.top);
    return plain({ ...rest, marks: new Map([...state.marks, [name, row]]), notice: `mark ${key} set` });
  }
  const row = state.marks.get(name);
  return plain(row === undefined ? { ...rest, notice: `no mark ${key} here` } : goToRow(rest, scene, row));
}
