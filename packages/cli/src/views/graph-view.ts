import { formatClock, type JobId } from "@loom/core";
import { type JobView, type TextStyle, type Tone, fitName, fitRow } from "@loom/reporters/view";
import { expectedMs, type Estimates } from "@loom/diagnosis";
import type { GraphLinks } from "../state/graph-links.ts";
import type { Scene } from "../state/scene.ts";
import { jobClock, jobSign, jobTone, jobWords } from "./job-words.ts";
import { placeGraph, type GraphLayout, type Place } from "./graph-layout.ts";
import { LineCanvas } from "./line-canvas.ts";
import { windowTop } from "./window-top.ts";

/** What the graph is made from. */
export interface GraphViewInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  readonly width: number;
  readonly height: number;
  readonly nowMs: number;
  readonly estimates: Estimates;
  /** Whether a job is a box with its time, or one line. */
  readonly boxes: boolean;
}

/** With more jobs, a list is shown. Source: docs/terminal.md#the-views. */
const MAX_DRAWN = 60;

/** Names are cut to this many cells, or fewer if space is short. */
const MAX_NAME = 18;

/** The jobs from left to right, with their needs as edges; or a list, if there is no room. */
export function graphView(input: GraphViewInput): string[] {
  const { scene, width } = input;
  const { links, view } = scene.world;
  if (links.columns.length === 0) return ["", " the workflow is not compiled yet"];
  const jobs = new Map(view.jobs.map((job) => [job.jobId, job]));
  const critical = scene.state.critical ? scene.world.critical() : new Set<JobId>();
  const shapes = input.boxes ? [true, false] : [false];
  for (const boxes of view.jobs.length > MAX_DRAWN ? [] : shapes) {
    for (const longest of [MAX_NAME, 10, 8]) {
      const drawing = drawGraph({ ...input, boxes }, { jobs, critical, longest });
      if (drawing.width <= width) return drawing.rows;
    }
  }
  return listGraph(input, jobs, critical);
}

interface Given {
  readonly jobs: ReadonlyMap<JobId, JobView>;
  readonly critical: ReadonlySet<JobId>;
  readonly longest: number;
}

function drawGraph(input: GraphViewInput, given: Given): { readonly width: number; readonly rows: string[] } {
  const { scene, boxes, height, style } = input;
  const { links } = scene.world;
  const layout = placeGraph(links, { longest: given.longest, boxes });
  const { places } = layout;
  const canvas = new LineCanvas(layout.width, layout.height);
  drawStages(canvas, links, { places, style });
  drawEdges(canvas, layout, { style, selected: scene.job?.jobId });
  for (const [id, place] of places) drawJob(canvas, { ...input, ...given }, { id, place });
  const selected = scene.job === undefined ? undefined : places.get(scene.job.jobId);
  const from = windowTop(selected?.y ?? 0, canvas.height, height);
  const { lines, joint } = style.glyphs;
  const rows = canvas.rows(
    { left: 0, top: from, width: canvas.width, height },
    { lines, joint, paint: (text, lit) => style.palette.paint(lit ? "focus" : "dim", text) },
  );
  return { width: canvas.width, rows };
}

function drawStages(
  canvas: LineCanvas,
  links: GraphLinks,
  given: { readonly places: ReadonlyMap<JobId, Place>; readonly style: TextStyle },
): void {
  for (const [column, ids] of links.columns.entries()) {
    const stage = links.stages[column] ?? "";
    const place = ids[0] === undefined ? undefined : given.places.get(ids[0]);
    if (stage === "" || place === undefined) continue;
    const text = fitRow(stage, place.width, { pad: true, ellipsis: given.style.glyphs.ellipsis });
    canvas.put(place.x, 0, { text: given.style.palette.paint("bold", text), width: place.width });
  }
}

/** Draws the edges. Those of the selected job are highlighted. */
function drawEdges(
  canvas: LineCanvas,
  { edges }: GraphLayout,
  { style, selected }: { readonly style: TextStyle; readonly selected: JobId | undefined },
): void {
  for (const { from, to, path } of edges) {
    const lit = from === selected || to === selected;
    for (const [index, corner] of path.entries()) {
      const next = path[index + 1];
      if (next === undefined) continue;
      if (corner.y === next.y) canvas.across(corner.y, [corner.x, next.x], { lit });
      else canvas.along(corner.x, [corner.y, next.y], { lit });
      // Another edge of the same job may go straight on where this one turns.
      canvas.join(next.x, next.y);
    }
    const end = path.at(-1);
    if (end !== undefined)
      canvas.put(end.x, end.y, {
        text: style.palette.paint(lit ? "focus" : "dim", style.glyphs.arrow),
        width: 1,
      });
  }
}

function drawJob(
  canvas: LineCanvas,
  input: GraphViewInput & Given,
  { id, place }: { readonly id: JobId; readonly place: Place },
): void {
  const { style, jobs, critical, scene, boxes, nowMs } = input;
  const { palette, glyphs } = style;
  const job = jobs.get(id);
  if (job === undefined) return;
  const selected = scene.job?.jobId === id;
  const tone = jobTone(job);
  const nameWidth = place.width - (boxes ? 5 : 2);
  const name = fitName(id, nameWidth, glyphs.ellipsis);
  const strong = (text: string): string =>
    selected && palette.highlights
      ? palette.paint("selected", text)
      : critical.has(id)
        ? palette.paint("bold", text)
        : text;
  const pointer = selected ? glyphs.pointer : " ";
  if (!boxes) {
    canvas.put(place.x, place.y, {
      text: `${palette.paint(tone, jobSign(style, job))} ${strong(name)}`,
      width: place.width,
    });
    return;
  }
  const [topLeft, topRight, bottomLeft, bottomRight] = glyphs.corners;
  const borderTone = selected ? "focus" : critical.has(id) ? "bold" : "dim";
  const side = palette.paint(borderTone, glyphs.side);
  const upper = palette.paint(borderTone, topLeft + glyphs.rule.repeat(place.width - 2) + topRight);
  const clock = jobClock(job, nowMs);
  const time = clock === "" ? (job.status === "skipped" ? jobWords(job).split(" ")[0] : "") : clock;
  const expected = expectedMs(input.estimates, id);
  const under = time === "" && expected !== undefined ? `~${formatClock(expected)}` : (time ?? "");
  canvas.put(place.x, place.y - 1, { text: upper, width: place.width });
  // One row for each arriving edge.
  for (let row = 1; row < place.height - 2; row += 1)
    canvas.put(place.x, place.y + row, {
      text: `${side}${" ".repeat(place.width - 2)}${side}`,
      width: place.width,
    });
  const leads = (scene.world.links.neededBy.get(id)?.length ?? 0) > 0;
  const rightSide = leads ? palette.paint(borderTone, glyphs.lines[7] ?? glyphs.side) : side;
  const inner = `${pointer}${palette.paint(tone, jobSign(style, job))} ${strong(name)}`;
  canvas.put(place.x, place.y, { text: side + inner + rightSide, width: place.width });
  canvas.put(place.x, place.y + place.height - 2, {
    text: `${palette.paint(borderTone, bottomLeft)}${bottomText(under, place.width - 2, { style, tone: borderTone })}${palette.paint(borderTone, bottomRight)}`,
    width: place.width,
  });
}

/** The bottom border of a box, with the time in it. */
function bottomText(
  text: string,
  width: number,
  given: { readonly style: TextStyle; readonly tone: Tone },
): string {
  const { tone } = given;
  const { palette, glyphs } = given.style;
  if (text === "" || text.length + 2 > width) return palette.paint(tone, glyphs.rule.repeat(width));
  return palette.paint(tone, glyphs.rule.repeat(width - text.length - 2)) + ` ${text} `;
}

function listGraph(
  input: GraphViewInput,
  jobs: ReadonlyMap<JobId, JobView>,
  critical: ReadonlySet<JobId>,
): string[] {
  const { scene, style, height } = input;
  const { palette, glyphs } = style;
  const { links } = scene.world;
  const rows: string[] = [];
  let selectedRow = 0;
  for (const [column, ids] of links.columns.entries()) {
    if ((links.stages[column] ?? "") !== "")
      rows.push(` ${palette.paint("bold", links.stages[column] ?? "")}`);
    for (const id of ids) {
      const job = jobs.get(id);
      if (job === undefined) continue;
      const selected = scene.job?.jobId === id;
      if (selected) selectedRow = rows.length;
      const needs = links.needs.get(id) ?? [];
      const neededBy = links.neededBy.get(id) ?? [];
      const name =
        selected && palette.highlights
          ? palette.paint("selected", id)
          : critical.has(id)
            ? palette.paint("bold", id)
            : id;
      const before =
        needs.length === 0 ? "" : ` ${palette.paint("dim", glyphs.arrowBack)} ${needs.join(", ")}`;
      const after =
        neededBy.length === 0 ? "" : ` ${palette.paint("dim", glyphs.arrow)} ${neededBy.join(", ")}`;
      rows.push(
        `${selected ? glyphs.pointer : " "}  ${palette.paint(jobTone(job), jobSign(style, job))} ${name}${before}${after}`,
      );
    }
  }
  return rows.slice(windowTop(selectedRow, rows.length, height)).slice(0, height);
}
