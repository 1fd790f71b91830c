import { formatClock, type JobId } from "@loom/core";
import { type JobView, type TextStyle, type Tone, fitRow } from "@loom/reporters/view";
import { expectedMs, type Estimates } from "@loom/diagnosis";
import type { GraphLinks } from "../state/graph-links.ts";
import type { Scene } from "../state/scene.ts";
import { jobClock, jobSign, jobTone, jobWords } from "./job-words.ts";
import { LineCanvas } from "./line-canvas.ts";
import { windowTop } from "./window-top.ts";

/** What the graph is drawn from. */
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

/** Beyond so many jobs there is a list. Source: docs/terminal.md#the-views. */
const MOST_DRAWN = 60;

/** Cells of a name that are shown. */
const LONGEST_NAME = 18;

interface Place {
  readonly x: number;
  /** The row that edges meet. */
  readonly y: number;
  readonly width: number;
  readonly column: number;
}

/** The jobs from left to right, what needs what as edges; a list where there is no room. */
export function graphView(input: GraphViewInput): string[] {
  const { scene, width } = input;
  const { links, view } = scene.world;
  if (links.columns.length === 0) return ["", " the workflow is not compiled yet"];
  const jobs = new Map(view.jobs.map((job) => [job.jobId, job]));
  const critical = scene.state.critical ? scene.world.critical() : new Set<JobId>();
  const shapes = input.boxes ? [true, false] : [false];
  for (const boxes of view.jobs.length > MOST_DRAWN ? [] : shapes) {
    for (const longest of [LONGEST_NAME, 10, 8]) {
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
  const pitch = boxes ? 4 : 1;
  const top = 2;
  const places = placeJobs(links, given.longest, { boxes, pitch, top });
  const rightmost = Math.max(...[...places.values()].map((place) => place.x + place.width));
  const lowest = Math.max(...[...places.values()].map((place) => place.y)) + (boxes ? 3 : 1);
  const canvas = new LineCanvas(rightmost, lowest + 1);
  drawStages(canvas, links, { places, style });
  drawEdges(canvas, links, { places, style, boxes });
  for (const [id, place] of places) drawJob(canvas, { ...input, ...given }, { id, place });
  const selected = scene.job === undefined ? undefined : places.get(scene.job.jobId);
  const from = windowTop(selected?.y ?? 0, canvas.height, height);
  const rows = canvas.rows({ left: 0, top: from, width: canvas.width, height }, style.glyphs.lines, (text) =>
    style.palette.paint("dim", text),
  );
  return { width: canvas.width, rows };
}

function placeJobs(
  links: GraphLinks,
  longest: number,
  shape: { readonly boxes: boolean; readonly pitch: number; readonly top: number },
): Map<JobId, Place> {
  const places = new Map<JobId, Place>();
  let x = 1;
  for (const [column, ids] of links.columns.entries()) {
    const name = Math.max(...ids.map((id) => Math.min(id.length, longest)), shape.boxes ? 5 : 0);
    const width = shape.boxes ? name + 5 : name + 2;
    for (const [row, id] of ids.entries()) {
      places.set(id, { x, y: shape.top + row * shape.pitch + (shape.boxes ? 1 : 0), width, column });
    }
    // Each job that is needed further right has a channel of its own.
    const sources = ids.filter((id) => (links.neededBy.get(id)?.length ?? 0) > 0).length;
    x += width + (column === links.columns.length - 1 ? 0 : Math.min(12, Math.max(3, sources + 2)));
  }
  return places;
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

function drawEdges(
  canvas: LineCanvas,
  links: GraphLinks,
  given: { readonly places: ReadonlyMap<JobId, Place>; readonly style: TextStyle; readonly boxes: boolean },
): void {
  const { places, style } = given;
  const channels = new Map<number, number>();
  for (const [id, from] of places) {
    const targets = links.neededBy.get(id) ?? [];
    if (targets.length === 0) continue;
    const taken = channels.get(from.column) ?? 0;
    channels.set(from.column, taken + 1);
    const channel = from.x + from.width + 1 + (taken % 9);
    for (const target of targets) {
      const to = places.get(target);
      if (to === undefined) continue;
      canvas.across(from.y, from.x + from.width - (given.boxes ? 1 : 0), channel);
      if (to.column === from.column + 1) {
        canvas.along(channel, from.y, to.y);
        canvas.across(to.y, channel, to.x - 1);
      } else {
        // Past the columns between: along the free row above the target, down right before it.
        const lane = given.boxes ? to.y - 2 : 1;
        canvas.along(channel, from.y, lane);
        canvas.across(lane, channel, to.x - 2);
        canvas.along(to.x - 2, lane, to.y);
        canvas.across(to.y, to.x - 2, to.x - 1);
      }
      canvas.put(to.x - 1, to.y, { text: style.palette.paint("dim", style.glyphs.arrow), width: 1 });
    }
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
  const name = fitRow(id, nameWidth, { pad: true, ellipsis: glyphs.ellipsis });
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
  const leads = (scene.world.links.neededBy.get(id)?.length ?? 0) > 0;
  const rightSide = leads ? palette.paint(borderTone, glyphs.lines[7] ?? glyphs.side) : side;
  const inner = `${pointer}${palette.paint(tone, jobSign(style, job))} ${strong(name)}`;
  canvas.put(place.x, place.y, { text: side + inner + rightSide, width: place.width });
  canvas.put(place.x, place.y + 1, {
    text: `${palette.paint(borderTone, bottomLeft)}${bottomText(under, place.width - 2, { style, tone: borderTone })}${palette.paint(borderTone, bottomRight)}`,
    width: place.width,
  });
}

/** The lower side of a box with the time in it. */
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
