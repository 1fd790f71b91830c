import { formatClock, formatDuration, unreachable } from "@loom/core";
import {
  type CountKey,
  type JobView,
  type JobTally,
  type TextStyle,
  type Tone,
  countKey,
  endedCount,
  fitName,
  fitRow,
  rowWidth,
  selectedCount,
} from "@loom/reporters/view";
import type { Estimates } from "@loom/diagnosis";
import { expectedMs } from "@loom/diagnosis";
import { rowText as shownText } from "../log/log-rows.ts";
import type { Scene } from "../state/scene.ts";
import { tallyJobs } from "../state/tally-jobs.ts";
import { jobsIn, type TreeRow } from "../state/tree-rows.ts";
import {
  cacheWords,
  jobClock,
  jobSign,
  jobTone,
  jobWords,
  keySign,
  keyTone,
  unitName,
  unitSign,
} from "./job-words.ts";
import { windowTop } from "./window-top.ts";

/** What the tree is made from. */
export interface TreeViewInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  readonly width: number;
  readonly height: number;
  readonly nowMs: number;
  readonly estimates: Estimates;
  readonly focused: boolean;
}

/** Width of the times. Unit: characters. */
const TIME_WIDTH = 7;

/** From this width on, there are words beside the signs. */
const WORDS_WIDTH = 40;

/** Minimum width of the words, so that names do not move when a job changes its state. Unit: cells. */
const MIN_WORDS_WIDTH = 9;

/** From this width on, the words have more room. */
const WIDE = 56;

/** The visible rows of the tree: stages, their jobs, those of a matrix below its name, and the parts of the jobs. */
export function treeView(input: TreeViewInput): string[] {
  const { tree } = input.scene;
  const top = windowTop(tree.index, tree.rows.length, input.height);
  const rows = tree.rows.slice(top, top + input.height).map((row) => ({ row, parts: partsOf(input, row) }));
  const wordsWidth = wordsWidthOf(
    rows.map(({ parts }) => parts.words),
    input.width,
  );
  return rows.map(({ row, parts }, offset) =>
    rowText(input, { row, parts, wordsWidth, selected: top + offset === tree.index }),
  );
}

/** Width of the words beside the names: what they need, as far as there is room; 0 if there is none. Unit: cells. */
function wordsWidthOf(words: readonly string[], width: number): number {
  if (width < WORDS_WIDTH) return 0;
  const longest = words.reduce((most, text) => Math.max(most, rowWidth(text)), MIN_WORDS_WIDTH);
  return Math.min(26, Math.floor(width * (width < WIDE ? 0.36 : 0.4)), longest + 1);
}

/** The position in the tree, such as `11/14`; empty if everything fits. */
export function treeFooter(scene: Scene, height: number): string {
  const { tree } = scene;
  return tree.rows.length > height ? `${tree.index + 1}/${tree.rows.length}` : "";
}

interface DrawnRow {
  readonly row: TreeRow;
  readonly parts: RowParts;
  readonly wordsWidth: number;
  readonly selected: boolean;
}

function rowText(input: TreeViewInput, { row, parts, wordsWidth, selected }: DrawnRow): string {
  const { style, width } = input;
  const { palette, glyphs } = style;
  const pointer = selected ? glyphs.pointer : " ";
  const start = `${pointer}${" ".repeat(parts.indent)}`;
  const wordsNow = wordsWidth === 0 ? "" : parts.words;
  const hasWords = wordsWidth > 0 && (wordsNow !== "" || row.kind !== "unit");
  const isShort = parts.time === "" && wordsWidth === 0;
  const time = isShort ? parts.short : wordsWidth > 0 ? (parts.wideTime ?? parts.time) : parts.time;
  // Next to words, times form a column, so it is padded even without a time.
  const tail = time === "" && wordsWidth === 0 ? "" : ` ${time.padStart(TIME_WIDTH)}`;
  const nameRoom = width - rowWidth(start) - 2 - (hasWords ? wordsWidth : 0) - rowWidth(tail) - 1;
  const room = Math.max(1, nameRoom);
  const name =
    (row.kind === "job" || row.kind === "matrix") && !hasRoomForTitle(parts, room)
      ? fitName(parts.name, room, glyphs.ellipsis)
      : fitRow(parts.title === undefined ? parts.name : `${parts.name}  ${parts.title}`, room, {
          pad: true,
          ellipsis: glyphs.ellipsis,
        });
  const words = hasWords ? fitRow(` ${wordsNow}`, wordsWidth, { pad: true, ellipsis: glyphs.ellipsis }) : "";
  if (selected && input.focused && palette.highlights) {
    return palette.paint(
      "selected",
      fitRow(`${start}${parts.sign} ${name}${words}${tail} `, width, { pad: true }),
    );
  }
  const paintedName = parts.nameTone === undefined ? name : palette.paint(parts.nameTone, name);
  return `${start}${palette.paint(parts.tone, parts.sign)} ${paintedName}${palette.paint(parts.tone, words)}${palette.paint(isShort ? parts.tone : "dim", tail)} `;
}

/** Whether the whole name fits, and so much of its title that it says something. */
function hasRoomForTitle({ name, title }: RowParts, room: number): boolean {
  return title !== undefined && room >= rowWidth(name) + 2 + Math.min(rowWidth(title), LEAST_TITLE);
}

/** Unit: columns. */
const LEAST_TITLE = 8;

interface RowParts {
  readonly indent: number;
  readonly sign: string;
  readonly tone: Tone;
  readonly name: string;
  /** Text beside the name, where there is room for some of it. */
  readonly title?: string;
  readonly nameTone?: Tone;
  readonly words: string;
  /** Replaces an empty time if there is no room for words. */
  readonly short: string;
  readonly time: string;
  /** A time that is shown only if there is room for words, too. */
  readonly wideTime?: string;
}

function partsOf(input: TreeViewInput, row: TreeRow): RowParts {
  const { style, nowMs, estimates } = input;
  switch (row.kind) {
    case "stage": {
      const { name, counts } = row.stage;
      const jobs = jobsIn(input.scene.world.view, row.stage);
      return {
        ...groupParts(input, { open: row.open, counts, jobs }),
        indent: 0,
        name: name === "" ? "jobs" : name,
        nameTone: "bold",
      };
    }
    case "matrix": {
      const { open, jobs, name } = row;
      return {
        ...groupParts(input, { open, counts: tallyJobs(jobs), jobs }),
        indent: 2,
        name,
        ...titleOf(jobs[0]),
      };
    }
    case "job": {
      const { job, matrix } = row;
      const expected = expectedMs(estimates, job.jobId);
      const waits = job.status === "pending" || job.status === "ready";
      const time = waits && expected !== undefined ? `~${formatClock(expected)}` : jobClock(job, nowMs);
      const key = countKey(job);
      const over =
        key === "running" && job.status === "running" && expected !== undefined
          ? progressBar(style, (nowMs - job.startedAtMs) / expected)
          : "";
      return {
        indent: matrix === undefined ? 2 : 4,
        sign: jobSign(style, job),
        tone: jobTone(job),
        name: job.jobId,
        // Beside the name of a matrix, it is said once.
        ...(matrix === undefined && titleOf(job)),
        ...(isAside(key) && { nameTone: "dim" as const }),
        words: over === "" ? jobWords(job) : `running  ${over}`,
        short: shortWords(job, key),
        time,
      };
    }
    case "unit": {
      const { sign, tone } = unitSign(style, row.begun);
      const { begun } = row;
      const ms = begun === undefined ? undefined : (begun.finishedAtMs ?? nowMs) - begun.startedAtMs;
      return {
        indent: row.matrix === undefined ? 4 : 6,
        sign,
        tone,
        name: unitName(row.unit),
        ...(begun === undefined && { nameTone: "dim" as const }),
        words: begun?.caches === undefined ? "" : cacheWords(begun.caches),
        short: "",
        time:
          ms === undefined ? "" : begun?.finishedAtMs === undefined ? formatClock(ms) : formatDuration(ms),
      };
    }
    default:
      return unreachable(row);
  }
}

function titleOf({ title }: JobView): Pick<RowParts, "title"> {
  return title === undefined ? {} : { title: shownText(title, false) };
}

/** Jobs that stand below one row: those of a stage or of a matrix. */
interface JobGroup {
  readonly open: boolean;
  readonly counts: JobTally;
  readonly jobs: readonly JobView[];
}

function groupParts(input: TreeViewInput, group: JobGroup): Omit<RowParts, "indent" | "name"> {
  const { style } = input;
  const state = groupKey(group);
  const words = `${state === undefined ? "" : `${keySign(style, state)} `}${groupWords(group)}`;
  return {
    sign: group.open ? style.glyphs.opened : style.glyphs.closed,
    tone: state === undefined ? "dim" : keyTone(state),
    words,
    short: words,
    time: "",
    wideTime: groupClock(input, group),
  };
}

function shortWords(job: JobView, key: CountKey): string {
  if (key === "blocked" || key === "kept" || key === "held") return key;
  if (isAside(key)) return "skipped";
  return "attempt" in job && job.attempt > 1 ? `attempt ${job.attempt}` : "";
}

/** Whether a job did not run. */
function isAside(key: CountKey): boolean {
  return key === "blocked" || key === "skipped" || key === "notSelected" || key === "kept";
}

/** The state that describes a group best: a failure, what is running, or its result; `undefined` if it is waiting. */
function groupKey({ counts }: JobGroup): CountKey | undefined {
  const worst = (["failed", "held", "cancelled", "running"] as const).find((key) => counts[key] > 0);
  if (worst !== undefined) return worst;
  const left = selectedCount(counts) - endedCount(counts);
  if (left > 0 || counts.total === 0) return undefined;
  return (["blocked", "failedAllowed", "success", "kept", "skipped"] as const).find((key) => counts[key] > 0);
}

function groupWords({ counts }: JobGroup): string {
  const selected = selectedCount(counts);
  if (counts.total === 0) return "no jobs";
  if (selected > 0 && counts.blocked === selected) return selected === 1 ? "blocked" : `${selected} blocked`;
  return `${endedCount(counts)}/${selected}`;
}

/** How long a group has run: from its first start to its last end, or until now; empty if no job has started. */
function groupClock({ nowMs }: TreeViewInput, { counts, jobs }: JobGroup): string {
  const starts = jobs.flatMap((job) => ("startedAtMs" in job ? (job.startedAtMs ?? []) : []));
  if (starts.length === 0) return "";
  const isOver = endedCount(counts) === selectedCount(counts);
  const ends = jobs.flatMap((job) => ("finishedAtMs" in job ? job.finishedAtMs : []));
  const from = Math.min(...starts);
  return isOver ? formatDuration(Math.max(...ends) - from) : formatClock(nowMs - from);
}

/** The progress of a job, compared with earlier runs; empty if it takes longer than those. */
function progressBar(style: TextStyle, share: number): string {
  const [done, , rest] = style.glyphs.bars;
  if (share >= 1) return "";
  const filled = Math.floor(share * 8);
  return done.repeat(filled) + rest.repeat(8 - filled);
}
