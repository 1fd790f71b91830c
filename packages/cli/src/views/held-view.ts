import { formatClock, type JobId } from "@loom/core";
import { type TextStyle, failureWord, fitRow, unitTitle } from "@loom/reporters/view";
import { shownKeyOf } from "../keys/key-map.ts";
import { rowText } from "../log/log-rows.ts";
import { heldJobOf, type HeldJob } from "../state/held-jobs.ts";
import type { HeldFailure, Scene } from "../state/scene.ts";
import type { BoxContent } from "./box-content.ts";

/** Unit: cells. */
const WIDTH = 100;

/** How many lines of output the dialog shows at most. */
const MAX_LINES = 8;

/** From this many rows inside the box on, there are empty rows between its parts. */
const SPACIOUS = 14;

/** The dialog of a job that is held: what failed, what it printed, how long it waits, and how it can go on. */
export function heldContent(scene: Scene, id: JobId, style: TextStyle): BoxContent {
  const { view, size, keys, nowMs } = scene.world;
  const { palette, glyphs } = style;
  const job = heldJobOf(view, id);
  const choices = [
    ["r", "retry the step: what came before it is kept"],
    ["s", "open a shell there"],
    ["f", "let it fail"],
    ["c", "cancel the run"],
    ["Esc", `later: ${shownKeyOf("unpause", keys)} asks again`],
  ] as const;
  const answers = choices.map(([key, does]) => `${palette.paint("bold", key.padEnd(3))}  ${does}`);
  const width = Math.min(WIDTH, size.columns - 4);
  const content = { title: `held: ${id}`, width, keys: answers.map((row) => ` ${row}`) };
  if (job === undefined) return { ...content, rows: [] };
  const inner = size.rows - 2;
  const isSpacious = inner >= SPACIOUS;
  const gap = isSpacious ? [""] : [];
  const around = answers.length + 2 + (isSpacious ? 4 : 0);
  // Around the box, something of the view stays visible where there is room.
  const room = Math.min(MAX_LINES, inner - around - (isSpacious ? 2 : 0));
  const { failure, lines } = scene.world.heldOf(id, room);
  const printed = lines.map(({ text, isError }) =>
    fitRow(` ${isError ? palette.paint("failed", "!") : " "} ${rowText(text, false)}`, width - 2, {
      ellipsis: glyphs.ellipsis,
    }),
  );
  const output = printed.length === 0 && room > 0 ? [palette.paint("dim", "   it printed nothing")] : printed;
  return {
    ...content,
    rows: [
      ` ${palette.paint("bold", whatFailed(job, failure))}`,
      ...gap,
      ...output,
      ...gap,
      ...answers.map((row) => `   ${row}`),
      ...gap,
      ` ${palette.paint("dim", waits(job, nowMs))}`,
    ],
  };
}

/** Such as `02 pnpm lint (exit 1), attempt 2`. */
function whatFailed({ paused, attempt }: HeldJob, failure: HeldFailure["failure"]): string {
  const what =
    failure === undefined
      ? `step ${paused.step}`
      : `${rowText(unitTitle(failure.unit), false)} (${failureWord(failure)})`;
  return attempt > 1 ? `${what}, attempt ${attempt}` : what;
}

function waits({ paused: { untilMs } }: HeldJob, nowMs: number): string {
  if (untilMs === undefined) return "It waits for an answer.";
  return `It fails by itself in ${formatClock(Math.max(0, untilMs - nowMs))}.`;
}
