import { runIdentity } from "@loom/core";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import fc from "fast-check";
import { FAILING_GRAPH, ScriptedRun, playFailure } from "@loom/testkit";
import { ViewModel, createPalette, rowWidth, textStyle } from "@loom/reporters/view";
import { KEY_MAP } from "../keys/key-map.ts";
import { LogCache } from "../log/log-cache.ts";
import { shownRows } from "../log/shown-rows.ts";
import { NO_ESTIMATES } from "@loom/diagnosis";
import type { PastRun } from "@loom/diagnosis";
import { matricesOf } from "../state/matrix-fold.ts";
import { graphLinks } from "../state/graph-links.ts";
import { reduceKey } from "../state/reduce-key.ts";
import { sceneOf, type Scene } from "../state/scene.ts";
import { UNTOUCHED, type UiState } from "../state/ui-state.ts";
import { drawParts } from "./draw-parts.ts";

let folder = "";
let log = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "loom-draw-"));
  log = join(folder, "events.jsonl");
  const texts = [
    "plain",
    "世界 wide",
    "\u001B[31mred\u001B[0m error: bad",
    "\ttabs\tand\rreturns",
    "\u001B[2Jevil\u0007",
    "x".repeat(3000),
    "שלום ע",
    "👩‍👩‍👧 family 🇩🇪",
    "\u202Eturned",
  ];
  const lines = Array.from({ length: 400 }, (_, row) => ({
    seq: row,
    ts: "2026-03-07T06:40:00.000Z",
    event: "output",
    stream: row % 3 === 0 ? "stderr" : "stdout",
    text: texts[row % texts.length],
  }));
  writeFileSync(log, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUNS: PastRun[] = Array.from({ length: 30 }, (_, number) => ({
  runId: runIdentity(BigInt(number)).runId,
  startedAtMs: Date.UTC(2026, 2, 7) - number * 5_000_000,
  status: number % 4 === 0 ? "failure" : "success",
  durationMs: number * 1000,
  workflow: ".loom/workflow.yml",
  jobs: 9,
  failedJobs: number % 4 === 0 ? ["lint"] : [],
  directory: folder,
  jobDurations: new Map([["lint", 1000]]),
}));

// oxlint-disable-next-line no-control-regex -- styles are control sequences
const STYLE = /\u001B\[[\d;:]*m/g;
const FORBIDDEN = /[\p{Cc}\u202A-\u202E]/u;

const TITLE = "Reads \u202Eall \u001B[31mof it";

/** A screen without timers, which takes keys and returns rows. */
class Bench {
  state: UiState = UNTOUCHED;
  readonly #logs = new LogCache(() => 0);
  readonly #model = new ViewModel();
  readonly #size: { columns: number; rows: number };

  constructor(columns: number, rows: number) {
    this.#size = { columns, rows };
    // The first graph of a run counts.
    const nodes = FAILING_GRAPH.nodes.map((node, index) => (index === 1 ? node : { ...node, title: TITLE }));
    const log = { seq: 0, ts: "2026-03-07T06:40:00.000Z", event: "log", level: "info", message: "" } as const;
    this.#model.record({ kind: "run" }, { ...log, graph_ir: { ...FAILING_GRAPH, nodes } as never });
    playFailure(new ScriptedRun(this.#model));
  }

  scene(): Scene {
    this.#logs.seek(this.state.search, this.state.filter);
    const open = this.#logs.log(log, "events");
    this.#logs.advance(open);
    return sceneOf(
      {
        view: this.#model.view(),
        units: (id) => this.#model.units(id),
        steps: (id) => this.#model.steps(id),
        matrices: matricesOf({
          ...FAILING_GRAPH,
          nodes: FAILING_GRAPH.nodes.map((node) =>
            node.stage === "check" ? { ...node, matrix: { job: "checks", values: [] } } : node,
          ),
        }),
        links: graphLinks({
          ...FAILING_GRAPH,
          nodes: FAILING_GRAPH.nodes.map((node, index) => ({
            ...node,
            needs: index === 0 ? [] : ["install"],
          })),
        }),
        nowMs: 0,
        keys: KEY_MAP,
        critical: () => new Set(),
        heldOf: () => ({ lines: [] }),
        size: this.#size,
        hasRun: true,
        live: true,
        isAlive: true,
        mayLeave: false,
        finished: false,
        runs: RUNS,
        rowsOf: () => shownRows(open),
      },
      this.state,
    );
  }

  press(key: string): void {
    this.state = reduceKey(this.state, { kind: "key", key }, this.scene()).state;
  }

  drawn(): ReturnType<typeof drawParts> {
    const { search } = this.#logs;
    return drawParts({
      scene: this.scene(),
      style: textStyle(createPalette("ansi16"), false),
      nowMs: Date.UTC(2026, 2, 7, 7),
      workflow: "workflow.yml",
      past: "",
      estimates: NO_ESTIMATES,
      log: this.#logs.log(log, "events"),
      ...(search !== undefined && { search }),
    });
  }

  /** Whatever is drawn outside the screen, or is not plain text. */
  problems(): string[] {
    const { columns, rows } = this.#size;
    const { parts, holes } = this.drawn();
    const places = [
      ...parts.map(({ name, rect, rows: text }) => ({ name, ...rect, text })),
      ...holes.map((hole) => ({ name: "hole", ...hole, text: hole.rows, height: hole.rows.length })),
    ];
    return places.flatMap((place) => {
      const outside =
        place.x + place.width > columns || place.y + Math.min(place.height, place.text.length) > rows;
      const wrong = place.text.filter(
        (row) => rowWidth(row) > place.width || FORBIDDEN.test(row.replaceAll(STYLE, "")),
      );
      return [
        ...(outside ? [`${place.name} lies outside of ${columns}x${rows}`] : []),
        ...wrong.map((row) => `${place.name}: ${row}`),
      ];
    });
  }
}

const keys = fc.array(fc.constantFrom(...KEY_MAP.flatMap((row) => row.keys), "a", "backspace", "5", "1"), {
  maxLength: 25,
});

describe("drawParts()", () => {
  test("draws only text, and nothing outside the screen, whatever keys are pressed, at any size", () => {
    fc.assert(
      fc.property(
        keys,
        fc.integer({ min: 1, max: 250 }),
        fc.integer({ min: 1, max: 70 }),
        (pressed, columns, rows) => {
          const bench = new Bench(columns, rows);
          for (const key of pressed) bench.press(key);
          expect(bench.problems()).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("fits a log into every width, cut, wrapped and filtered", () => {
    for (let columns = 1; columns <= 250; columns += 3) {
      const bench = new Bench(columns, 30);
      for (const key of ["tab", "enter", "w", "t", "t"]) {
        bench.press(key);
        expect(bench.problems()).toEqual([]);
      }
    }
  });

  test("shows the title of a job beside its name where there is room", () => {
    const rowsAt = (columns: number): string =>
      new Bench(columns, 30)
        .drawn()
        .parts.flatMap(({ rows }) => rows)
        .join("\n")
        .replaceAll(STYLE, "");
    expect(rowsAt(160)).toMatch(/install {2}Reads .all of…/);
    expect(rowsAt(60)).toContain("install");
    expect(rowsAt(60)).not.toMatch(/install {2}Reads/);
  });

  test("goes one step back with each Esc, and never quits", () => {
    const bench = new Bench(120, 40);
    for (const key of ["tab", "/", "r", "e", "d", "enter", "enter", "&", "x", "enter", "2", "3", "5"])
      bench.press(key);
    for (let press = 0; press < 12; press += 1) {
      expect(reduceKey(bench.state, { kind: "key", key: "escape" }, bench.scene()).effects).toEqual([]);
      bench.press("escape");
    }
    const { view, search, filter, zoom, pane } = bench.state;
    expect({ view, search, filter, zoom, pane }).toEqual({
      view: "run",
      search: "",
      filter: "",
      zoom: undefined,
      pane: "tree",
    });
  });
});
