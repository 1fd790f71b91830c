import { formatDuration, unreachable } from "@loom/core";
import { type TextStyle, type Tone, fitRow } from "@loom/reporters/view";
import type { PastRun } from "@loom/diagnosis";
import { clockText, monthDayText } from "../local-time.ts";
import { inside, type Rect } from "../state/layout.ts";
import type { Scene } from "../state/scene.ts";
import { rowText } from "../log/log-rows.ts";
import { SPINNER_CELL } from "../terminal/presenter.ts";
import { paneRows } from "./pane-rows.ts";
import { windowTop } from "./window-top.ts";

/** What the list of runs is made from. */
export interface RunsViewInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  readonly nowMs: number;
  readonly rect: Rect;
}

/** How many runs the charts show. */
const CHART_RUNS = 20;

const TONES: { readonly [S in PastRun["status"]]: Tone } = {
  success: "success",
  failure: "failed",
  cancelled: "cancelled",
  interrupted: "failed",
  running: "running",
};

/** The list of past runs, newest first, and charts of the last ones. */
export function runsView(input: RunsViewInput): string[] {
  const { scene, style, rect } = input;
  const { palette, glyphs } = style;
  const { runs, runIndex: index, state } = scene;
  const area = inside(rect);
  const curves = area.height >= 12 && scene.world.runs.length >= 3 ? curveRows(scene.world.runs, style) : [];
  const room = Math.max(1, area.height - 1 - curves.length);
  const top = windowTop(index, runs.length, room);
  const wide = area.width >= 70;
  const head = `   ${"started".padEnd(16)}  ${"status".padEnd(12)} ${"time".padStart(7)}${wide ? `  ${"workflow".padEnd(20)}  jobs` : ""}  failed`;
  const rows = runs.slice(top, top + room).map((run, offset) => {
    const selected = top + offset === index;
    const sign = signOf(run, style);
    const status = `${sign} ${run.status}`.padEnd(12);
    const failed = run.failedJobs.join(", ");
    const why = failed === "" ? (run.error?.message.split("\n")[0] ?? "") : failed;
    const columns = [
      whenText(run.startedAtMs, input.nowMs).padEnd(16),
      ` ${selected ? status : palette.paint(TONES[run.status], status)}`,
      (run.durationMs === undefined ? "" : formatDuration(run.durationMs)).padStart(7),
      ...(wide
        ? [
            ` ${fitRow(run.workflow.split("/").at(-1) ?? "", 20, { pad: true, ellipsis: glyphs.ellipsis })}`,
            ` ${run.jobs === 0 ? "" : run.jobs}`.padStart(5),
          ]
        : []),
      ` ${rowText(why, false)}`,
    ];
    const text = ` ${selected ? glyphs.pointer : " "} ${columns.join(" ")}`;
    return selected && palette.highlights
      ? palette.paint("selected", fitRow(text, area.width, { pad: true, ellipsis: glyphs.ellipsis }))
      : text;
  });
  if (runs.length === 0)
    rows.push("", scene.world.runs.length === 0 ? "   no runs yet" : "   no run matches the filter");
  while (rows.length < room && curves.length > 0) rows.push("");
  const footer =
    state.runsFilter === "" ? "/ filter: status:failure job:lint" : `filter: ${state.runsFilter}`;
  const position = runs.length > room ? `${index + 1}/${runs.length}  ` : "";
  return paneRows({
    ...rect,
    title: "runs",
    footer: position + footer,
    rows: [palette.paint("dim", head), ...rows, ...curves],
    focused: true,
    style,
  });
}

function curveRows(runs: readonly PastRun[], style: TextStyle): string[] {
  const { glyphs, palette } = style;
  const last = runs.slice(0, CHART_RUNS).toReversed();
  const longest = Math.max(1, ...last.map((run) => run.durationMs ?? 0));
  const durations = last
    .map(
      (run) =>
        glyphs.levels[
          Math.max(1, Math.round(((run.durationMs ?? 0) / longest) * (glyphs.levels.length - 1)))
        ] ?? " ",
    )
    .join("");
  const results = last.map((run) => palette.paint(TONES[run.status], signOf(run, style))).join("");
  return [
    "",
    `   duration of the last ${last.length}, oldest first   ${durations}`,
    `   how they ended${" ".repeat(String(last.length).length + 18)}   ${results}`,
    "",
  ];
}

function signOf(run: PastRun, style: TextStyle): string {
  const { glyphs } = style;
  switch (run.status) {
    case "success":
      return glyphs.success;
    case "failure":
      return glyphs.failed;
    case "cancelled":
      return glyphs.cancelled;
    case "running":
      return SPINNER_CELL;
    case "interrupted":
      return glyphs.waiting;
    default:
      return unreachable(run.status);
  }
}

/** Local time, such as `today 12:03:56`, `yest. 18:02:33` or `11-21 09:15:00`. */
function whenText(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  const clock = clockText(at);
  const day = (date: Date): number =>
    Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;
  const days = day(now) - day(at);
  if (days === 0) return `today ${clock}`;
  if (days === 1) return `yest. ${clock}`;
  return `${monthDayText(at)} ${clock}`;
}
