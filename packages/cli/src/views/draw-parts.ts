import { unreachable } from "@loom/core";
import { type TextStyle, fitRow, nameColumn } from "@loom/reporters/view";
import type { Part } from "../components/screen.tsx";
import type { OpenLog } from "../log/log-cache.ts";
import type { LineMatcher } from "../log/line-matcher.ts";
import { ALL_JOBS_KEY } from "../log/log-key.ts";
import { logRows, type NameColumn } from "../log/log-rows.ts";
import type { Estimates } from "@loom/diagnosis";
import { hasStatus, inside, type Rect } from "../state/layout.ts";
import type { Scene } from "../state/scene.ts";
import type { Hole } from "../terminal/presenter.ts";
import { failuresView } from "./failures-view.ts";
import { graphView } from "./graph-view.ts";
import { headerView, tinyView } from "./header-view.ts";
import { keysView } from "./keys-view.ts";
import { logFooter, logOutcome, logTitle } from "./log-title.ts";
import { overlayView } from "./overlay-view.ts";
import { bottomBorder, paneRows } from "./pane-rows.ts";
import { runsView } from "./runs-view.ts";
import { statusView } from "./status-view.ts";
import { timeView } from "./time-view.ts";
import { twoSided } from "./two-sided.ts";
import { treeFooter, treeView } from "./tree-view.ts";

/** Everything that a frame is made from. */
export interface DrawInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  readonly nowMs: number;
  readonly workflow: string;
  readonly past: string;
  readonly estimates: Estimates;
  readonly leftMs?: number;
  readonly log?: OpenLog;
  readonly search?: LineMatcher;
  /** Makes a text a link to the file of the log; absent where the terminal has no links. */
  readonly link?: (text: string) => string;
}

/** The parts that Ink draws, and the holes that are painted over them. */
export interface Drawing {
  readonly parts: readonly Part[];
  readonly holes: readonly Hole[];
}

/** From this width on, lines of a log have their number and their stream. */
const DETAILED = 90;

/** Draws a frame. Pure. */
export function drawParts(input: DrawInput): Drawing {
  const { scene, style, nowMs } = input;
  const { layout, state } = scene;
  const { columns, rows } = scene.world.size;
  if (layout.kind === "line") {
    return {
      parts: [part("line", { x: 0, y: 0, width: columns, height: 1 }, [tinyView(scene, nowMs, style)])],
      holes: [],
    };
  }
  const parts: Part[] = [
    part("header", { x: 0, y: 0, width: columns, height: 1 }, [
      state.zoom === undefined ? headerView(input) : zoomHeader(input),
    ]),
    ...bodyParts(input),
    ...(hasStatus(scene.world.size, state)
      ? [part("status", { x: 0, y: rows - 2, width: columns, height: 1 }, [statusView(scene, style, nowMs)])]
      : []),
    part("keys", { x: 0, y: rows - 1, width: columns, height: 1 }, [keysView(scene, style)]),
  ];
  const holes = drawHoles(input);
  if (state.overlay === undefined) return { parts, holes };
  // A hole would cover the overlay, so Ink draws the rows of the hole, too.
  for (const [index, hole] of holes.entries()) {
    parts.push(
      part(`hole ${index}`, { x: hole.x, y: hole.y, width: hole.width, height: hole.rows.length }, hole.rows),
    );
  }
  const box = overlayView(scene, state.overlay, style);
  parts.push(part("overlay", box.rect, box.rows));
  return { parts, holes: [] };
}

/** The holes that are painted over the frame: the log, and the border below it with its counts. */
export function drawHoles(input: DrawInput): Hole[] {
  const { scene, style, log } = input;
  const { layout, state } = scene;
  if (layout.kind === "line" || scene.log === undefined || log === undefined) return [];
  const rect = layout.kind === "zoom" ? layout.log : layout.kind === "panes" ? layout.log : undefined;
  if (rect === undefined) return [];
  const zoomed = layout.kind === "zoom";
  const area = zoomed ? rect : inside(rect);
  const rows = visibleRows(input, log, area);
  while (rows.length < area.height) rows.push("");
  const footer = logFooter(scene, {
    finding: { query: state.search, going: log.going, ...(log.search !== undefined && { scan: log.search }) },
    filter: state.filter,
    running: isRunning(scene),
  });
  const focused = scene.context === "log";
  const paint = (text: string): string => style.palette.paint(focused && !zoomed ? "focus" : "dim", text);
  const edge = zoomed ? "" : paint(style.glyphs.side);
  const borderWidth = zoomed ? rect.width + 2 : rect.width;
  return [
    { x: area.x, y: area.y, width: area.width, rows, edge },
    {
      x: area.x,
      y: area.y + area.height,
      width: area.width,
      rows: [bottomBorder({ width: borderWidth, footer, style }, paint)],
    },
  ];
}

function visibleRows(input: DrawInput, log: OpenLog, area: Rect): string[] {
  const { scene, style, nowMs } = input;
  const { state } = scene;
  if (scene.log === undefined) return [];
  const { position, top, total, key } = scene.log;
  if (total === 0) {
    return emptyRows(scene, nowMs, style).map((row) =>
      fitRow(row, area.width, { ellipsis: style.glyphs.ellipsis }),
    );
  }
  return logRows({
    source: log.source,
    position,
    top,
    width: area.width,
    height: area.height,
    wrap: state.wrap,
    time: state.time,
    // Under an overlay, Ink draws the log: no address that a job chose gets there.
    style: state.overlay === undefined ? style : { ...style, links: false },
    detailed: area.width >= DETAILED,
    document: state.zoom?.kind === "document",
    ...(key === ALL_JOBS_KEY && { names: namesOf(scene, area.width) }),
    ...(log.filter !== undefined && { filter: log.filter }),
    ...(input.search !== undefined && { search: input.search }),
  });
}

/** The most of a row that the names of jobs take. */
const NAMES_SHARE = 0.25;

function namesOf({ world }: Scene, width: number): NameColumn {
  const { jobs } = world.view;
  return {
    width: Math.min(nameColumn(jobs), Math.max(4, Math.floor(width * NAMES_SHARE))),
    numbers: new Map(jobs.map(({ jobId }, index) => [jobId, index])),
  };
}

function emptyRows(scene: Scene, nowMs: number, style: TextStyle): string[] {
  const { palette } = style;
  if (scene.state.filter !== "") return ["", ` ${palette.paint("dim", "no line matches the filter")}`];
  const { log } = scene;
  if (log?.key === ALL_JOBS_KEY && !scene.world.finished)
    return ["", ` ${palette.paint("dim", "no output yet")}`];
  const begun =
    log?.job === undefined
      ? undefined
      : scene.world.units(log.job.jobId).find((unit) => unit.status === "running");
  if (begun === undefined) return ["", ` ${palette.paint("dim", "nothing was printed")}`];
  const seconds = Math.max(0, Math.floor((nowMs - begun.startedAtMs) / 1000));
  return ["", ` ${palette.paint("dim", `no output yet (${seconds}s)`)}`];
}

function isRunning(scene: Scene): boolean {
  const { log, world } = scene;
  if (log?.key === ALL_JOBS_KEY) return !world.finished;
  return log?.job?.status === "running" && world.live;
}

function bodyParts(input: DrawInput): Part[] {
  const { scene, style } = input;
  const { layout } = scene;
  switch (layout.kind) {
    case "line":
      return [];
    case "zoom": {
      const { columns, rows } = scene.world.size;
      const rule = style.palette.paint("dim", style.glyphs.rule.repeat(columns));
      return [
        part("upper rule", { x: 0, y: 1, width: columns, height: 1 }, [rule]),
        part("lower rule", { x: 0, y: rows - 3, width: columns, height: 1 }, [rule]),
      ];
    }
    case "panes":
      return runParts(input, layout);
    case "whole":
      return wholeParts(input, layout.body);
    case "halves":
      return failuresView({ ...input, left: layout.left, right: layout.right }).map(({ rect, rows }, index) =>
        part(`half ${index}`, rect, rows),
      );
    default:
      return unreachable(layout);
  }
}

function runParts(input: DrawInput, layout: Extract<Scene["layout"], { kind: "panes" }>): Part[] {
  const { scene, style, nowMs, estimates } = input;
  const parts: Part[] = [];
  const { tree, log, graph, time } = layout;
  if (tree !== undefined) {
    const { width, height } = inside(tree);
    const focused = scene.context === "tree";
    const rows = treeView({ scene, style, width, height, nowMs, estimates, focused });
    parts.push(
      part(
        "tree",
        tree,
        paneRows({ ...tree, title: "jobs", footer: treeFooter(scene, height), rows, focused, style }),
      ),
    );
  }
  if (log !== undefined) {
    const outcome = log.width >= DETAILED ? logOutcome(scene, nowMs) : "";
    const title = [logTitle(scene.log, style), outcome].filter((text) => text !== "").join("   ");
    parts.push(
      part(
        "log",
        log,
        paneRows({
          ...log,
          title,
          rows: scene.log === undefined ? ["", " nothing has started"] : [],
          focused: scene.context === "log",
          style,
        }),
      ),
    );
  }
  if (graph !== undefined) {
    const area = inside(graph);
    parts.push(
      part(
        "graph",
        graph,
        paneRows({ ...graph, title: "needs", rows: graphView({ ...input, ...area, boxes: false }), style }),
      ),
    );
  }
  if (time !== undefined) {
    const area = inside(time);
    parts.push(
      part(
        "time",
        time,
        paneRows({ ...time, title: "time", rows: timeView({ ...input, ...area, brief: true }), style }),
      ),
    );
  }
  return parts;
}

function wholeParts(input: DrawInput, body: Rect): Part[] {
  const { scene, style } = input;
  const area = inside(body);
  switch (scene.state.view) {
    case "graph":
      return [
        part(
          "graph",
          body,
          paneRows({
            ...body,
            title: "needs",
            footer: graphFooter(input),
            rows: graphView({ ...input, ...area, boxes: true }),
            style,
          }),
        ),
      ];
    case "time":
      return [
        part(
          "time",
          body,
          paneRows({
            ...body,
            title: "time",
            footer: `zoom ${scene.state.timeZoom}x  by ${scene.state.timeSort}`,
            rows: timeView({ ...input, ...area, brief: false }),
            style,
          }),
        ),
      ];
    case "failures":
      return failuresView({ ...input, left: body }).map(({ rect, rows }, index) =>
        part(`half ${index}`, rect, rows),
      );
    case "runs":
      return [part("runs", body, runsView({ ...input, rect: body }))];
    case "run":
      return [];
    default:
      return unreachable(scene.state.view);
  }
}

function graphFooter({ scene, style }: DrawInput): string {
  return scene.state.critical ? `critical path ${style.glyphs.lines[10] ?? ""} bold` : "";
}

function zoomHeader(input: DrawInput): string {
  const { scene, style, nowMs } = input;
  const { palette, glyphs } = style;
  const width = scene.world.size.columns - 1;
  const outcome = logOutcome(scene, nowMs);
  const title = palette.paint("bold", logTitle(scene.log, style));
  const right = scene.state.zoom?.kind === "document" ? "" : outcome;
  const row = twoSided(` ${title}`, right, width, glyphs.ellipsis);
  // A title that was cut stays without a link.
  return input.link === undefined ? row : row.replace(title, input.link);
}

function part(name: string, rect: Rect, rows: readonly string[]): Part {
  return { name, rect, rows, label: name };
}
