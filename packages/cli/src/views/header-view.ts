import { formatClock, formatDuration, unreachable } from "@loom/core";
import {
  type JobTally,
  type RunView,
  type TextStyle,
  type Tone,
  endedCount,
  fitRow,
  rowWidth,
  selectedCount,
} from "@loom/reporters/view";
import { timeLeftText } from "./time-left-text.ts";
import type { Scene } from "../state/scene.ts";
import { keyTone } from "./job-words.ts";
import { twoSided } from "./two-sided.ts";

/** What the header is made from. */
export interface HeaderInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  /** The name of the workflow file. */
  readonly workflow: string;
  /** When the run was started, for a past one; empty otherwise. */
  readonly past: string;
  readonly nowMs: number;
  readonly leftMs?: number;
}

/** The header: which run it is, its progress, and its time. */
export function headerView(input: HeaderInput): string {
  const { scene, style, workflow, nowMs } = input;
  const { view, size } = scene.world;
  const { palette } = style;
  const width = size.columns - 1;
  if (scene.state.view === "runs" && scene.state.zoom === undefined) return runsHeader(input, width);
  const name = [palette.paint("bold", "loom"), workflow, ...viewWord(scene)].filter((part) => part !== "");
  const past = input.past === "" ? [] : [palette.paint("dim", input.past)];
  if (view.workspace?.isSnapshot === false) past.push(palette.paint("dim", "in place"));
  const bar = width >= WIDTH_WITH_BAR ? `${progressBar(style, view.counts)} ` : "";
  const progress = view.jobs.length === 0 ? phaseWord(view) : bar + progressText(style, view.counts);
  const time = palette.paint("bold", elapsedText(view, nowMs));
  const left = scene.world.finished ? endWord(scene, style) : runningText(input);
  const right = left === "" ? time : width < 60 ? time : `${time}  ${left}`;
  const leftText = ` ${name.join("  ")}`;
  const whole = [leftText, ...past, progress].join("  ");
  if (rowWidth(whole) + rowWidth(right) + 2 <= width)
    return twoSided(whole, right, width, style.glyphs.ellipsis);
  const short = `${palette.paint("bold", " loom")}  ${progress}`;
  return twoSided(short, right, width, style.glyphs.ellipsis);
}

/** From this width on, the header has a progress bar. It is one less than a screen of 100: the last column is free. */
const WIDTH_WITH_BAR = 99;

/** Cells of the bar. */
const BAR_CELLS = 20;

/** The progress bar, in the colours of the states: succeeded, failed, did not run, running. */
function progressBar({ palette, glyphs }: TextStyle, counts: JobTally): string {
  const all = selectedCount(counts);
  const [done, failed, rest, never] = glyphs.bars;
  const parts: readonly (readonly [number, string, Tone])[] = [
    [counts.success, done, "success"],
    [counts.failedAllowed, failed, "allowed"],
    [counts.failed, failed, "failed"],
    [counts.blocked + counts.skipped + counts.cancelled, never, "blocked"],
    [counts.held, rest, keyTone("held")],
    [counts.running, rest, "running"],
  ];
  let bar = "";
  let jobs = 0;
  let cells = 0;
  for (const [count, sign, tone] of parts) {
    jobs += count;
    // Each state that has a job gets at least one cell, while there is room.
    const until = Math.min(
      BAR_CELLS,
      Math.max(cells + (count > 0 ? 1 : 0), Math.round((jobs / Math.max(1, all)) * BAR_CELLS)),
    );
    bar += palette.paint(tone, sign.repeat(until - cells));
    cells = until;
  }
  return bar + palette.paint("dim", rest.repeat(BAR_CELLS - cells));
}

/** The progress in words: `2/9 done  1 failed  1 running`. */
export function progressText(style: TextStyle, counts: JobTally): string {
  const parts = [`${endedCount(counts)}/${selectedCount(counts)} done`];
  if (counts.failed > 0) parts.push(style.palette.paint("failed", `${counts.failed} failed`));
  if (counts.held > 0) parts.push(style.palette.paint(keyTone("held"), `${counts.held} held`));
  if (counts.running > 0) parts.push(style.palette.paint("running", `${counts.running} running`));
  if (counts.failedAllowed > 0) parts.push(style.palette.paint("allowed", `${counts.failedAllowed} allowed`));
  if (counts.blocked > 0) parts.push(style.palette.paint("blocked", `${counts.blocked} blocked`));
  return parts.join("  ");
}

/** The only line of a tiny screen. */
export function tinyView(scene: Scene, nowMs: number, style: TextStyle): string {
  const { view, size } = scene.world;
  const { counts } = view;
  const failed = counts.failed > 0 ? `, ${counts.failed} failed` : "";
  const held = counts.held > 0 ? `, ${counts.held} held` : "";
  const text = `loom ${endedCount(counts)}/${selectedCount(counts)}${failed}${held}, ${elapsedText(view, nowMs)}`;
  return fitRow(text, size.columns, { ellipsis: style.glyphs.ellipsis });
}

/** How long the run has taken. */
export function elapsedText(view: RunView, nowMs: number): string {
  const { startedAtMs = nowMs, finishedAtMs } = view;
  return finishedAtMs === undefined
    ? formatClock(nowMs - startedAtMs)
    : formatDuration(finishedAtMs - startedAtMs);
}

function viewWord(scene: Scene): string[] {
  if (scene.state.zoom !== undefined) return [];
  switch (scene.state.view) {
    case "graph":
    case "time":
    case "failures":
      return [scene.state.view];
    case "run":
    case "runs":
      return [];
    default:
      return unreachable(scene.state.view);
  }
}

function phaseWord(view: RunView): string {
  return view.phase === "starting" ? "preparing the workspace" : view.phase;
}

/** The state of a run that is not over: it is being cancelled, how long it will still take, or that it is running. */
function runningText({ scene, style, leftMs, nowMs }: HeaderInput): string {
  const { view, live, graceMs } = scene.world;
  if (view.stoppedAtMs !== undefined) {
    const left = graceMs === undefined ? 0 : view.stoppedAtMs + graceMs - nowMs;
    const kills = left > 0 && view.runningIds.length > 0 ? `, kills in ${Math.ceil(left / 1000)}s` : "";
    return style.palette.paint("cancelled", `cancelling${kills}`);
  }
  if (!live) return style.palette.paint("running", "running");
  return timeLeftText(leftMs, view.phase === "finalizing");
}

function endWord(scene: Scene, style: TextStyle): string {
  const { counts, error, phase } = scene.world.view;
  const { palette } = style;
  // A past run without a result: it is still running, or was interrupted and never closed.
  if (phase !== "finished") return palette.paint("cancelled", scene.world.isAlive ? "running" : "unfinished");
  if (counts.cancelled > 0) return palette.paint("cancelled", "cancelled");
  if (counts.failed > 0 || error !== undefined) return palette.paint("failed", "failure");
  return palette.paint("success", "success");
}

function runsHeader(input: HeaderInput, width: number): string {
  const { scene, style } = input;
  const { palette, glyphs } = style;
  const counted = (status: string): number => scene.runs.filter((run) => run.status === status).length;
  const right = [
    scene.runs.length === 1 ? "1 run" : `${scene.runs.length} runs`,
    palette.paint("success", `${counted("success")} success`),
    palette.paint("failed", `${counted("failure")} failure`),
  ];
  return twoSided(` ${palette.paint("bold", "loom")}  past runs`, right.join("  "), width, glyphs.ellipsis);
}
