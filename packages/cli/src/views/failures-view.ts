import { formatSpan } from "@loom/core";
import { type TextStyle, failureWord, fitRow, rowWidth, unitTitle } from "@loom/reporters/view";
import { wrapWords, type ExplainedError, type Explanation } from "@loom/diagnosis";
import { rowText } from "../log/log-rows.ts";
import { inside, type Rect } from "../state/layout.ts";
import type { Scene } from "../state/scene.ts";
import { chosenItem, failureItems, type ShownFailure } from "../state/shown-failure.ts";
import { paneRows } from "./pane-rows.ts";
import { windowTop } from "./window-top.ts";

/** What the view is made from. */
export interface FailuresViewInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  readonly left: Rect;
  /** Absent: the output is below the errors. */
  readonly right?: Rect;
}

/** A pane on the screen. */
interface PlacedRows {
  readonly rect: Rect;
  readonly rows: string[];
}

/** Below this height, consequences and changes are left out. Unit: rows inside a pane. */
const MIN_ROWS_FOR_MORE = 14;

/** Rows reserved for the output when it is below the errors. */
const MIN_OUTPUT_ROWS = 4;

/** Why a job failed, as in `loom explain`: its errors, the output that explains them, consequences and changes. */
export function failuresView(input: FailuresViewInput): PlacedRows[] {
  const { scene, style, left, right } = input;
  const { job } = scene;
  if (job?.status !== "failed") return [messagePane(input)];
  const title = titleOf(scene, style);
  const { failure } = scene.world;
  if (failure?.jobId !== job.jobId) {
    const rows = paneRows({ ...left, title, rows: [" reading its evidence"], focused: true, style });
    return [{ rect: left, rows }];
  }
  const drawing: Drawing = { failure, scene, style };
  if (right === undefined) return [{ rect: left, rows: inOnePane(drawing, left, title) }];
  const { width, height } = inside(left);
  const more = moreRows(drawing, width, height);
  const errors = itemRows(drawing, width, Math.max(1, height - more.length - 1));
  const output = outputRows(drawing, inside(right).height);
  return [
    {
      rect: left,
      rows: paneRows({ ...left, title, rows: [...errors, ...more], focused: true, style }),
    },
    {
      rect: right,
      rows: paneRows({
        ...right,
        title: outputTitle(failure.explanation),
        rows: output,
        footer: output.some((row) => row.includes("!")) ? "! reports an error" : "",
        style,
      }),
    },
  ];
}

interface Drawing {
  readonly failure: ShownFailure;
  readonly scene: Scene;
  readonly style: TextStyle;
}

/** The errors, a rule, the output, a rule, the rest. */
function inOnePane(drawing: Drawing, rect: Rect, title: string): string[] {
  const { style, failure } = drawing;
  const { width, height } = inside(rect);
  const more =
    height >= MIN_ROWS_FOR_MORE ? moreRows(drawing, width, Math.floor(height / 2)) : fileRows(drawing, width);
  const room = height - more.length - MIN_OUTPUT_ROWS - 2;
  const errors = itemRows(drawing, width, Math.max(1, Math.min(room, Math.ceil(height / 3))));
  const output = outputRows(drawing, Math.max(1, height - errors.length - more.length - 2));
  const lines = Math.max(0, height - errors.length - more.length - 2);
  const padded = [...output, ...Array.from({ length: Math.max(0, lines - output.length) }, () => "")];
  const rule = (text: string): string => style.palette.paint("dim", ruled(text, width, style));
  return paneRows({
    ...rect,
    title,
    rows: [...errors, rule(outputTitle(failure.explanation)), ...padded, rule(""), ...more],
    focused: true,
    style,
  });
}

function ruled(text: string, width: number, { glyphs }: TextStyle): string {
  const start = text === "" ? "" : `${glyphs.rule} ${text} `;
  return start + glyphs.rule.repeat(Math.max(0, width - rowWidth(start)));
}

function messagePane({ scene, style, left }: FailuresViewInput): PlacedRows {
  const text =
    scene.world.view.error?.message ??
    (scene.world.finished ? "no job has failed" : "no job has failed so far");
  const rows = ["", ...text.split("\n").map((line) => ` ${rowText(line, false)}`)];
  return { rect: left, rows: paneRows({ ...left, title: "failures", rows, style }) };
}

/** Such as `failure 1 of 2 (may fail)   lint › 02 eslint . (exit 1)   0.4 s, attempt 2`. */
function titleOf({ job, failures, world }: Scene, { glyphs }: TextStyle): string {
  if (job?.status !== "failed") return "failures";
  const number = failures.indexOf(job.jobId) + 1;
  const allowed = job.blocking ? "" : " (may fail)";
  const what = `${job.jobId} ${glyphs.inside} ${rowText(unitTitle(job.failure.unit), false)} (${failureWord(job.failure)})`;
  const took =
    world.failure?.jobId === job.jobId ? world.failure.explanation.failure?.duration_ms : undefined;
  const facts = [
    ...(took === undefined ? [] : [formatSpan(took)]),
    ...(job.attempt > 1 ? [`attempt ${job.attempt}`] : []),
  ];
  return `failure ${number} of ${failures.length}${allowed}   ${what}${facts.length === 0 ? "" : `   ${facts.join(", ")}`}`;
}

function outputTitle({ lines, lines_total: total }: Explanation): string {
  if (total === 0) return "output";
  return lines.length === total ? "output" : `output: ${lines.length} of ${total} lines`;
}

/** The errors, one per row, as many as fit around the selected one. */
function itemRows({ failure, scene, style }: Drawing, width: number, room: number): string[] {
  const { errors, errors_total: total } = failure.explanation;
  const chosen = chosenIndex(failure, scene);
  const { palette, glyphs } = style;
  if (errors.length === 0) {
    const isChosen = chosen === 0;
    const text = "no error that is known: Enter shows all that it printed";
    return [` ${isChosen ? glyphs.pointer : " "} ${isChosen ? palette.paint("bold", text) : text}`];
  }
  const places = errors.map(placeOf);
  const widest = Math.min(Math.max(...places.map(rowWidth)), Math.floor(width * 0.45));
  const top = windowTop(Math.min(chosen, errors.length - 1), errors.length, room);
  const rows = errors.slice(top, top + room).map((error, offset) => {
    const isChosen = top + offset === chosen;
    const place = fitRow(places[top + offset] ?? "", widest, { pad: true, ellipsis: glyphs.ellipsis });
    const code = error.code === undefined ? error.tool : error.code;
    const messageWidth = Math.max(8, width - widest - rowWidth(code) - 7);
    const message = fitRow(messageOf(error), messageWidth, { pad: true, ellipsis: glyphs.ellipsis });
    const tone = error.severity === "warning" ? "allowed" : "failed";
    return ` ${isChosen ? glyphs.pointer : " "} ${palette.paint(isChosen ? "bold" : tone, place)}  ${isChosen ? palette.paint("bold", message) : message} ${palette.paint("dim", code)}`;
  });
  const left = total - errors.length;
  if (left > 0 && rows.length < room)
    rows.push(palette.paint("dim", `   ${glyphs.ellipsis} and ${left} more`));
  return rows;
}

function placeOf({ file, line, column }: ExplainedError): string {
  return rowText([file, line, column].filter((part) => part !== undefined).join(":"), false);
}

function messageOf({ message, test }: ExplainedError): string {
  const [first = ""] = message.split("\n");
  return rowText(test === undefined || message.includes(test) ? first : `${test}: ${first}`, false);
}

function chosenIndex(failure: ShownFailure, { state }: Scene): number {
  return Math.min(state.step, failureItems(failure).length - 1);
}

/** The lines of output that explain the failure. Lines that report an error are marked, and the first one is visible. */
function outputRows({ failure, scene, style }: Drawing, room: number): string[] {
  const { lines, errors, lines_total: total } = failure.explanation;
  if (lines.length === 0)
    return [
      style.palette.paint("dim", ` ${total === 0 ? "it printed nothing" : "no line of it explains why"}`),
    ];
  const marked = lines.map((line) => errors.some((error) => reports(line, error)));
  const first = Math.max(0, marked.indexOf(true) - 2);
  const lowest = Math.max(0, lines.length - room);
  const top = Math.min(scene.state.excerptTop ?? first, lowest);
  return lines.slice(top, top + room).map((line, offset) => {
    const isMarked = marked[top + offset] === true;
    return ` ${isMarked ? style.palette.paint("failed", "!") : " "} ${rowText(line, false)}`;
  });
}

/** How many characters of a message have to be in a line that reports it. */
const COMPARED_CHARACTERS = 40;

function reports(line: string, { message, file, line: number }: ExplainedError): boolean {
  const start = (message.split("\n")[0] ?? "").replace(/…$/u, "").slice(0, COMPARED_CHARACTERS).trim();
  if (start !== "" && line.includes(start)) return true;
  return file !== undefined && number !== undefined && line.includes(`${file}:${number}`);
}

/** How many blocked jobs are named; the rest are counted. */
const MAX_NAMED = 8;

/** What the failure means, its consequences, what changed, what to do next, and the files; at most `max` rows. */
function moreRows(drawing: Drawing, width: number, max: number): string[] {
  const { failure, scene, style } = drawing;
  const { failure: facts, changed, seen_before: seen, next, notes } = failure.explanation;
  const { glyphs } = style;
  // Taken from the live view, which knows them before the documents do.
  const blocked = scene.world.view.jobs.filter(
    (job) => job.status === "skipped" && job.blockedBy.includes(failure.jobId),
  );
  const more = blocked.length - MAX_NAMED;
  const labelled: (readonly [string, string])[] = [
    ...(facts?.meaning === undefined ? [] : [["means", facts.meaning.message] as const]),
    ...(facts?.left_out === undefined ? [] : [["left out", facts.left_out.message] as const]),
    ...notes.map((note) => ["note", note] as const),
    ...(blocked.length === 0
      ? []
      : [
          [
            `blocked ${blocked.length}`,
            `${blocked
              .slice(0, MAX_NAMED)
              .map(({ jobId }) => `${glyphs.blocked} ${jobId}`)
              .join("  ")}${more > 0 ? `  and ${more} more` : ""}`,
          ] as const,
        ]),
    // Without a run to compare with, the sentence would be no help.
    ...(changed?.since_run_id === undefined ? [] : [["changed", changed.sentence] as const]),
    ...(changed === undefined || changed.files_in_errors.length === 0
      ? []
      : [["changed, and in an error", changed.files_in_errors.join(", ")] as const]),
    ...(seen === undefined ? [] : [["seen before", seenText(seen)] as const]),
    ...next.map((command, index) => [index === 0 ? "next" : "", command] as const),
  ];
  const files = fileRows(drawing, width);
  const rows = labelled.flatMap(([word, text]) => labelledRows(word, text, { width, style }));
  return [...rows.slice(0, Math.max(0, max - files.length)), ...files];
}

function seenText({ runs, compared }: NonNullable<Explanation["seen_before"]>): string {
  const [newest] = runs;
  if (newest === undefined)
    return `no: the ${compared === 1 ? "failure" : `${compared} failures`} before it differ`;
  return `${newest.run_id} (${newest.started_at.slice(0, 10)})`;
}

/** How many rows one labelled text may take. */
const MAX_ROWS = 2;

function labelledRows(
  word: string,
  text: string,
  { width, style }: { readonly width: number; readonly style: TextStyle },
): string[] {
  const head = `${word === "" ? "     " : `${word}:`} `;
  const room = Math.max(8, width - rowWidth(head) - 2);
  const rows = wrapWords(rowText(text, false), room).map((row) => row.trimStart());
  const cut =
    rows.length > MAX_ROWS
      ? [...rows.slice(0, MAX_ROWS - 1), `${rows[MAX_ROWS - 1] ?? ""} ${style.glyphs.ellipsis}`]
      : rows;
  return cut.map((row, index) =>
    index === 0 ? ` ${style.palette.paint("dim", head)}${row}` : ` ${" ".repeat(rowWidth(head))}${row}`,
  );
}

/** The files from the receipt to the cause, in one row. */
function fileRows({ failure, scene, style }: Drawing, width: number): string[] {
  const { palette, glyphs } = style;
  const chosen = chosenItem(failure, scene.state.step);
  const words = failure.files.map((file) => {
    const isChosen = chosen?.kind === "file" && chosen.file === file;
    const word = `${isChosen ? glyphs.pointer : ""}${file.word}`;
    if (isChosen) return palette.paint("selected", word);
    return file.isThere ? word : palette.paint("dim", word);
  });
  const text = ` ${palette.paint("dim", "files:")} ${words.join(" ")}`;
  return [rowWidth(text) > width ? fitRow(text, width, { ellipsis: glyphs.ellipsis }) : text];
}
