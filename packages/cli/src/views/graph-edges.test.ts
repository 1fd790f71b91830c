import { jobId } from "@loom/core";
import { createPalette, textStyle, ViewModel } from "@loom/reporters/view";
import { graphNode, graphOf } from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_ESTIMATES } from "@loom/diagnosis";
import { NO_ROWS } from "../log/shown-rows.ts";
import { matricesOf } from "../state/matrix-fold.ts";
import { graphLinks } from "../state/graph-links.ts";
import { sceneOf } from "../state/scene.ts";
import { KEY_MAP } from "../keys/key-map.ts";
import { UNTOUCHED } from "../state/ui-state.ts";
import { graphView } from "./graph-view.ts";

/** In which directions a character's lines lead: up, right, down, left. */
const SIGNS: Readonly<Record<string, readonly [boolean, boolean, boolean, boolean]>> = {
  "└": [true, true, false, false],
  "│": [true, false, true, false],
  "┌": [false, true, true, false],
  "├": [true, true, true, false],
  "┘": [true, false, false, true],
  "─": [false, true, false, true],
  "┴": [true, true, false, true],
  "┐": [false, false, true, true],
  "┤": [true, false, true, true],
  "┬": [false, true, true, true],
  "•": [true, true, true, true],
  "╶": [false, true, false, false],
};

const STEPS = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
] as const;

interface Cell {
  readonly x: number;
  readonly y: number;
}

/**
 * Reads the edges from a drawing as a person does: from a job to the right, along the lines, never back to the left.
 * Lines that cross without a joint go straight on.
 */
function edgesRead(rows: readonly string[], names: readonly string[]): ReadonlySet<string> {
  const grid = rows.map((row) => Array.from(row));
  const at = (cell: Cell): string => grid[cell.y]?.[cell.x] ?? " ";
  const boxes = names.map((name) => {
    const y = rows.findIndex((row) => row.includes(` ${name} `));
    return {
      name,
      y,
      x: Array.from(rows[y] ?? "")
        .join("")
        .indexOf(` ${name} `),
    };
  });
  const edges = new Set<string>();
  for (const { name, x, y } of boxes) {
    const side = Array.from(rows[y] ?? "").findIndex(
      (sign, index) => index > x + name.length && "├│".includes(sign),
    );
    if (at({ x: side, y }) !== "├") continue;
    const seen = new Set<string>();
    const open: { readonly cell: Cell; readonly by: number }[] = [{ cell: { x: side + 1, y }, by: 1 }];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      const { cell, by } = step;
      const key = `${cell.x} ${cell.y} ${by}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const sign = at(cell);
      if (sign === "▶") {
        const [target] = boxes
          .filter((box) => box.y <= cell.y && box.x > cell.x && box.x - cell.x < 6)
          .toSorted((one, other) => other.y - one.y);
        if (target !== undefined) edges.add(`${name} ${target.name}`);
        continue;
      }
      const leads = sign === "┼" ? [by] : [0, 1, 2].filter((direction) => SIGNS[sign]?.[direction] === true);
      for (const direction of leads) {
        // Never back in the direction that it came from.
        if (sign !== "┼" && direction === (by + 2) % 4) continue;
        const [dx, dy] = STEPS[direction] ?? [0, 0];
        open.push({ cell: { x: cell.x + dx, y: cell.y + dy }, by: direction });
      }
    }
  }
  return edges;
}

/** Draws a graph of three stages as the graph view does. */
function draw(needs: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const names = Object.keys(needs);
  const graph = graphOf(
    names.map((name) => graphNode(name, name.slice(0, 1), { needs: [...(needs[name] ?? [])] })),
  );
  const model = new ViewModel();
  const event = { event: "log", seq: 1, ts: "2026-01-01T00:00:00.000Z", level: "info", message: "" } as const;
  model.record({ kind: "run" }, { ...event, graph_ir: graph as never, concurrency: 1 });
  const scene = sceneOf(
    {
      view: model.view(),
      nowMs: 0,
      keys: KEY_MAP,
      units: () => [],
      steps: () => [],
      matrices: matricesOf(undefined),
      links: graphLinks(graph),
      critical: () => new Set(),
      heldOf: () => ({ lines: [] }),
      size: { columns: 200, rows: 100 },
      hasRun: true,
      live: true,
      isAlive: true,
      mayLeave: false,
      finished: false,
      runs: [],
      rowsOf: () => NO_ROWS,
    },
    { ...UNTOUCHED, view: "graph", critical: false, picked: `job:${jobId(names[0] ?? "")}` },
  );
  return graphView({
    scene,
    style: textStyle(createPalette("none"), false),
    width: 200,
    height: 100,
    nowMs: 0,
    estimates: NO_ESTIMATES,
    boxes: true,
  });
}

const STAGES = ["a", "b", "c", "d"];

/** Up to four stages of up to four jobs, each with needs in any earlier stage. */
const graphs = fc
  .array(fc.array(fc.nat({ max: 0xffff }), { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 })
  .map((stages) => {
    const needs: Record<string, readonly string[]> = {};
    for (const [index, jobs] of stages.entries()) {
      const earlier = Object.keys(needs);
      for (const [number, draw] of jobs.entries())
        needs[`${STAGES[index] ?? ""}${number + 1}x`] = earlier.filter(
          (_, bit) => ((draw >> bit) & 1) === 1 && bit % 3 !== 2,
        );
    }
    return needs;
  });

test("graphView() draws exactly the edges of the graph", () => {
  fc.assert(
    fc.property(graphs, (needs) => {
      const rows = draw(needs);
      const expected = Object.entries(needs).flatMap(([to, froms]) => froms.map((from) => `${from} ${to}`));
      const read = [...edgesRead(rows, Object.keys(needs))].toSorted();
      // A failing test prints the drawing.
      expect({ read, rows }).toEqual({ read: expected.toSorted(), rows });
    }),
  );
});
