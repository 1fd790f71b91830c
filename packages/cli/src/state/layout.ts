import type { ScreenSize } from "../terminal/terminal.ts";
import type { UiState } from "./ui-state.ts";

/** An area of the screen. Unit: cells, from 0. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How the screen is divided. */
export type Layout =
  | { readonly kind: "line" }
  | { readonly kind: "zoom"; readonly log: Rect }
  | {
      readonly kind: "panes";
      readonly tree?: Rect;
      readonly log?: Rect;
      readonly graph?: Rect;
      readonly time?: Rect;
    }
  | { readonly kind: "whole"; readonly body: Rect }
  | { readonly kind: "halves"; readonly left: Rect; readonly right: Rect };

/** Below this size only one line is shown. Source: docs/terminal.md#the-views. */
export const TINY = { columns: 20, rows: 5 } as const;

/** Below this size one pane at a time is shown. Source: docs/terminal.md#the-views. */
const ONE_PANE = { columns: 60, rows: 15 } as const;

/** From this size on, the run view includes the graph and the times. Source: docs/terminal.md#the-views. */
const JOINED = { columns: 160, rows: 40 } as const;

/** From this width on, jobs have words beside their signs. Source: docs/terminal.md#the-views. */
const WITH_WORDS = 100;

/** From this many rows on, there is a status line. */
const MIN_ROWS_FOR_STATUS = 8;

/** From this width on, the failure view shows the output beside the errors. */
const HALVES = 140;

/** Divides the screen: header, body, status line, keys. */
export function layoutOf(size: ScreenSize, state: UiState): Layout {
  const { columns, rows } = size;
  if (columns < TINY.columns || rows < TINY.rows) return { kind: "line" };
  // Header, rule; rule, status, keys.
  if (state.zoom !== undefined)
    return { kind: "zoom", log: { x: 0, y: 2, width: columns, height: Math.max(1, rows - 5) } };
  const body: Rect = { x: 0, y: 1, width: columns, height: rows - (hasStatus(size, state) ? 3 : 2) };
  if (state.view === "failures" && columns >= HALVES) {
    const left = Math.floor(columns * 0.45);
    return {
      kind: "halves",
      left: { ...body, width: left },
      right: { ...body, x: left, width: columns - left },
    };
  }
  if (state.view !== "run") return { kind: "whole", body };
  if (columns < ONE_PANE.columns || rows < ONE_PANE.rows) {
    return state.pane === "log" ? { kind: "panes", log: body } : { kind: "panes", tree: body };
  }
  const left =
    columns < WITH_WORDS
      ? Math.max(31, Math.floor(columns * 0.32) + 5)
      : Math.min(64, Math.floor(columns * 0.36) + 6);
  const log: Rect = { ...body, x: left, width: columns - left };
  const tree: Rect = { ...body, width: left };
  if (columns < JOINED.columns || rows < JOINED.rows) return { kind: "panes", tree, log };
  const timeHeight = Math.floor(body.height * 0.2);
  const graphHeight = Math.floor(body.height * 0.24);
  const treeHeight = body.height - timeHeight - graphHeight;
  return {
    kind: "panes",
    log,
    tree: { ...tree, height: treeHeight },
    graph: { ...tree, y: body.y + treeHeight, height: graphHeight },
    time: { ...tree, y: body.y + treeHeight + graphHeight, height: timeHeight },
  };
}

/** Whether there is a status line. On very low screens it appears only for a log, a prompt or a notice. */
export function hasStatus(size: ScreenSize, state: UiState): boolean {
  return (
    size.rows >= MIN_ROWS_FOR_STATUS ||
    state.zoom !== undefined ||
    state.prompt !== undefined ||
    state.notice !== undefined
  );
}

/** The area inside the border of a pane. */
export function inside(rect: Rect): Rect {
  return {
    x: rect.x + 1,
    y: rect.y + 1,
    width: Math.max(0, rect.width - 2),
    height: Math.max(0, rect.height - 2),
  };
}
