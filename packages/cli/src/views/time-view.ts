import { formatClock } from "@loom/core";
import { type JobView, type TextStyle, fitName, fitRow } from "@loom/reporters/view";
import { expectedMs, type Estimates } from "@loom/diagnosis";
import type { Scene } from "../state/scene.ts";
import { jobClock, jobSign, jobTone } from "./job-words.ts";
import { spanOf } from "../state/job-order.ts";
import { windowTop } from "./window-top.ts";

/** What the bars are made from. */
export interface TimeViewInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  readonly width: number;
  readonly height: number;
  readonly nowMs: number;
  readonly estimates: Estimates;
  readonly leftMs?: number;
  /** Whether to show only the bars, without the chart and the legend below. */
  readonly brief: boolean;
}

interface Axis {
  /** Time of the left edge. */
  readonly startMs: number;
  /** The same, since the start of the run. */
  readonly sinceMs: number;
  readonly msPerCell: number;
  readonly cells: number;
}

/** Round intervals for the labels of the axis. Unit: milliseconds. */
const STEPS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000, 7_200_000,
];

/** One bar for each job on a time axis, and how many jobs ran at a time. */
export function timeView(input: TimeViewInput): string[] {
  const { scene, style, width, height, brief } = input;
  const { view } = scene.world;
  const jobs = brief ? view.jobs : scene.jobs;
  if (jobs.length === 0 || view.startedAtMs === undefined) return ["", " nothing has started"];
  const nameWidth = Math.min(
    24,
    Math.max(...jobs.map((job) => job.jobId.length)),
    Math.max(6, Math.floor(width / 4)),
  );
  const lead = nameWidth + 13;
  const axis = axisOf(input, Math.max(1, width - lead - 1));
  const rest = brief ? [] : below(input, { axis, lead });
  const room = Math.max(1, height - 1 - rest.length);
  const index = jobs.findIndex((job) => job.jobId === scene.job?.jobId);
  const top = brief
    ? windowTop(lastStartedIndex(jobs), jobs.length, room)
    : windowTop(index, jobs.length, room);
  const rows = jobs.slice(top, top + room).map((job) => {
    const selected = !brief && job.jobId === scene.job?.jobId;
    const name = fitName(job.jobId, nameWidth, style.glyphs.ellipsis);
    const clock = (jobClock(job, input.nowMs) || expectedText(input, job)).padStart(7);
    const shown = selected && style.palette.highlights ? style.palette.paint("selected", name) : name;
    return `${selected ? style.glyphs.pointer : " "} ${style.palette.paint(jobTone(job), jobSign(style, job))} ${shown} ${clock} ${bar(input, job, axis)}`;
  });
  while (rows.length < room && !brief) rows.push("");
  return [scale(axis, lead, style), ...rows, ...rest];
}

function axisOf(input: TimeViewInput, cells: number): Axis {
  const { scene, nowMs } = input;
  const { view } = scene.world;
  const begin = view.startedAtMs ?? nowMs;
  const end = view.finishedAtMs ?? nowMs + (input.leftMs ?? 0);
  const whole = Math.max(1000, end - begin);
  const { timeZoom, timePan } = input.brief ? { timeZoom: 1, timePan: 0 } : scene.state;
  const msPerCell = whole / Math.max(1, cells - 1) / timeZoom;
  const pan = Math.min(
    timePan * Math.max(1, Math.floor(cells / 4)),
    Math.max(0, Math.ceil(whole / msPerCell) - cells),
  );
  return { startMs: begin + pan * msPerCell, sinceMs: pan * msPerCell, msPerCell, cells };
}

function scale(axis: Axis, lead: number, style: TextStyle): string {
  const step = STEPS.find((ms) => ms / axis.msPerCell >= 9) ?? 7_200_000;
  let row = "";
  for (let cell = 0; cell < axis.cells; cell += 1) {
    const from = axis.sinceMs + cell * axis.msPerCell;
    const mark = Math.ceil(from / step) * step;
    if (mark >= from && mark < from + axis.msPerCell && row.length <= cell) {
      const text = step < 1000 ? `${mark / 1000}s` : formatClock(mark);
      if (cell + text.length <= axis.cells) row = row.padEnd(cell) + text;
    }
  }
  return " ".repeat(lead) + style.palette.paint("dim", row.slice(0, axis.cells));
}

function bar(input: TimeViewInput, job: JobView, axis: Axis): string {
  const { style, nowMs, estimates } = input;
  const { palette } = style;
  const [ran, failed, expected, never] = style.glyphs.bars;
  const at = (ms: number): number => Math.round((ms - axis.startMs) / axis.msPerCell);
  const within = (cell: number): number => Math.max(0, Math.min(cell, axis.cells));
  if (job.status === "skipped") {
    const ended = at(job.finishedAtMs);
    if (ended < 0 || ended > axis.cells) return "";
    const from = Math.min(within(ended), Math.max(0, axis.cells - 3));
    return " ".repeat(from) + palette.paint("dim", never.repeat(Math.min(3, axis.cells)));
  }
  if (job.status === "pending" || job.status === "ready") return "";
  const span = spanOf(job, nowMs);
  if (span === undefined) return "";
  const { startedAtMs, endMs } = span;
  const from = within(at(startedAtMs));
  const to = Math.max(from + 1, within(at(endMs)));
  if (at(endMs) < 0 || from >= axis.cells) return "";
  const sign = job.status === "failed" ? failed : ran;
  const usual = job.status === "running" ? expectedMs(estimates, job.jobId) : undefined;
  const rest = usual === undefined ? 0 : Math.max(0, within(at(startedAtMs + usual)) - to);
  return `${" ".repeat(from)}${palette.paint(jobTone(job), sign.repeat(to - from))}${palette.paint("dim", expected.repeat(rest))}`;
}

function below(input: TimeViewInput, given: { readonly axis: Axis; readonly lead: number }): string[] {
  const { style, height } = input;
  const { palette, glyphs } = style;
  if (height < 12) return [];
  const [ran, failed, expected, never] = glyphs.bars;
  const legend = [
    `${ran} ran`,
    `${palette.paint("failed", failed)} failed`,
    `${expected} expected`,
    `${never} not run`,
  ].join("   ");
  const { most, row } = workers(input, given.axis);
  return [
    "",
    `   ${fitRow(`${most} at once`, given.lead - 4, { pad: true, ellipsis: glyphs.ellipsis })} ${row}`,
    "",
    `   ${palette.paint("dim", legend)}`,
  ];
}

/** How many jobs ran at a time. */
function workers(input: TimeViewInput, axis: Axis): { readonly most: number; readonly row: string } {
  const { scene, nowMs, style } = input;
  const { levels } = style.glyphs;
  const counts = Array.from({ length: Math.max(0, axis.cells) }, () => 0);
  for (const job of scene.world.view.jobs) {
    const span = spanOf(job, nowMs);
    if (span === undefined) continue;
    for (let cell = 0; cell < axis.cells; cell += 1) {
      const middle = axis.startMs + (cell + 0.5) * axis.msPerCell;
      if (middle >= span.startedAtMs && middle < span.endMs) counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  const most = Math.max(1, ...counts);
  const bars = counts
    .map((count) => levels[Math.round((count / most) * (levels.length - 1))] ?? " ")
    .join("")
    .trimEnd();
  return { most, row: style.palette.paint("running", bars) };
}

function lastStartedIndex(jobs: readonly JobView[]): number {
  return jobs.findLastIndex((job) => spanOf(job, 0) !== undefined);
}

function expectedText(input: TimeViewInput, job: JobView): string {
  const expected = expectedMs(input.estimates, job.jobId);
  return expected === undefined || job.status === "skipped" ? "" : `~${formatClock(expected)}`;
}
