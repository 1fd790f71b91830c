import { unreachable, type JobId } from "@loom/core";
import { type TextStyle, fitRow, wrapRow } from "@loom/reporters/view";
import { bindingsOf } from "../keys/key-map.ts";
import { heldJobs } from "../state/held-jobs.ts";
import type { Rect } from "../state/layout.ts";
import type { Scene } from "../state/scene.ts";
import type { Overlay } from "../state/ui-state.ts";
import type { BoxContent } from "./box-content.ts";
import { heldContent } from "./held-view.ts";
import { paneRows } from "./pane-rows.ts";

/** A box over a view. */
export interface OverlayBox {
  readonly rect: Rect;
  readonly rows: readonly string[];
}

/** Width of the column of keys in the help. Unit: characters. */
const KEYS_WIDTH = 13;

/** The box of an overlay, in the middle of the screen. */
export function overlayView(scene: Scene, overlay: Overlay, style: TextStyle): OverlayBox {
  const { columns, rows } = scene.world.size;
  const whole = contentOf(scene, overlay, { style, maxRows: rows - 4 });
  // If there is no room for everything, only the keys are shown.
  const content =
    whole.rows.length + 2 <= rows || whole.keys === undefined ? whole : { ...whole, rows: whole.keys };
  const width = Math.min(columns, content.width);
  const height = Math.min(rows, content.rows.length + 2);
  const rect: Rect = {
    x: Math.max(0, Math.floor((columns - width) / 2)),
    y: Math.max(0, Math.floor((rows - height) / 2)),
    width,
    height,
  };
  const { title, footer } = content;
  return {
    rect,
    rows: paneRows({
      width,
      height,
      title,
      rows: content.rows,
      focused: true,
      style,
      ...(footer !== undefined && { footer }),
    }),
  };
}

function contentOf(
  scene: Scene,
  overlay: Overlay,
  given: { readonly style: TextStyle; readonly maxRows: number },
): BoxContent {
  const { style, maxRows } = given;
  switch (overlay.kind) {
    case "help":
      return helpContent(scene, overlay, { style, maxRows });
    case "text":
      return textContent(overlay, { columns: scene.world.size.columns, maxRows, style });
    case "quit":
      return dialog(quitDialog(scene), style);
    case "cancel":
      return dialog(
        {
          title: "cancel?",
          before: [],
          keys: [
            ...(overlay.job === undefined
              ? []
              : [["x", `job ${overlay.job}: it fails, and is not tried again`] as const]),
            ["c", "the whole run"],
            ["Esc", "nothing"],
          ],
          after: [
            "What is cancelled is asked to end, and killed if it does",
            "not. Nothing is lost: what was printed is kept.",
          ],
        },
        style,
      );
    case "held":
      return heldContent(scene, overlay.job, style);
    case "rerun": {
      const one = overlay.jobs.length === 1;
      return dialog(
        {
          title: "run again?",
          before: [
            `${one ? "Job" : `${overlay.jobs.length} jobs`}: ${overlay.jobs.join(", ")}`,
            "and what they need, as a new run",
          ],
          keys: [
            ["Enter", "leave this screen and start"],
            ["Esc", "stay"],
          ],
          after: [],
        },
        style,
      );
    }
    default:
      return unreachable(overlay);
  }
}

/** A question: text before, the keys that answer it, and text after. */
interface Dialog {
  readonly title: string;
  readonly before: readonly string[];
  readonly keys: readonly (readonly [key: string, does: string])[];
  readonly after: readonly string[];
}

const DIALOG_WIDTH = 58;

function dialog({ title, before, keys, after }: Dialog, { palette }: TextStyle): BoxContent {
  const width = Math.max(...keys.map(([key]) => key.length));
  const lines = keys.map(([key, does]) => `${palette.paint("bold", key.padEnd(width))}  ${does}`);
  const text = (part: readonly string[]): string[] =>
    part.length === 0 ? [] : [...part.map((line) => ` ${line}`), ""];
  return {
    title,
    width: DIALOG_WIDTH,
    rows: ["", ...text(before), ...lines.map((line) => `   ${line}`), "", ...text(after)],
    keys: lines.map((line) => ` ${line}`),
  };
}

function quitDialog({ world, state }: Scene): Dialog {
  const { view } = world;
  if (world.finished) {
    return {
      title: "quit?",
      before: ["The run is over."],
      keys: [
        ["q", "leave"],
        ["Esc", "stay"],
      ],
      after: [],
    };
  }
  if (state.interrupts > 0) {
    return {
      title: "kill the run?",
      before: ["It is being cancelled: its jobs were asked to end."],
      keys: [
        ["c", "kill them now, finish the record, and leave"],
        ["Esc", "wait for them"],
      ],
      after: ["Ctrl-C also kills. The record of the run is finished."],
    };
  }
  const held = heldJobs(view).map(({ jobId }) => jobId);
  const running = view.runningIds.filter((id) => !held.includes(id));
  return {
    title: "cancel the run?",
    before: [
      ...(running.length > 0 || held.length > 0 ? [] : ["The run is not over."]),
      ...(running.length === 0 ? [] : [`${counted(running)} still running: ${named(running)}`]),
      ...(held.length === 0 ? [] : [`${counted(held)} held after a failure: ${named(held)}`]),
    ],
    keys: [
      ["c", "cancel, finish the record, and leave"],
      ["Esc", "keep watching"],
    ],
    after: ["Ctrl-C also cancels. Nothing is lost: every line", "printed so far is in the run's folder."],
  };
}

function counted({ length }: readonly JobId[]): string {
  return length === 1 ? "1 job is" : `${length} jobs are`;
}

function named(jobs: readonly JobId[]): string {
  return `${jobs.slice(0, 3).join(", ")}${jobs.length > 3 ? ` and ${jobs.length - 3} more` : ""}`;
}

function helpContent(
  scene: Scene,
  help: Extract<Overlay, { kind: "help" }>,
  given: { readonly style: TextStyle; readonly maxRows: number },
): BoxContent {
  const { style, maxRows } = given;
  const { palette, glyphs } = style;
  const wanted = help.filter.toLowerCase();
  const lines = bindingsOf(scene.context, scene.world.keys)
    .map((row) => ({ keys: row.shown ?? row.keys.join(" "), text: row.help }))
    .filter(({ keys, text }) => `${keys} ${text}`.toLowerCase().includes(wanted))
    .map(
      ({ keys, text }) =>
        ` ${palette.paint("bold", fitRow(asciiKeys(keys, style), KEYS_WIDTH, { pad: true, ellipsis: glyphs.ellipsis }))} ${text}`,
    );
  const room = Math.max(1, maxRows - 4);
  const top = Math.max(0, Math.min(help.top, lines.length - room));
  const shown = lines.slice(top, top + room);
  const rows = [
    ...shown,
    "",
    ` ${palette.paint("dim", help.filter === "" ? "type to find a key, Esc closes" : `find: ${help.filter}_`)}`,
  ];
  const footer = lines.length > room ? `${top + 1}-${top + shown.length} of ${lines.length}` : undefined;
  return { title: `keys: ${scene.context}`, width: 74, rows, ...(footer !== undefined && { footer }) };
}

function textContent(
  { title, lines, top }: Extract<Overlay, { kind: "text" }>,
  given: { readonly columns: number; readonly maxRows: number; readonly style: TextStyle },
): BoxContent {
  const { columns, maxRows, style } = given;
  const width = Math.min(columns - 4, 120);
  const wrapped = lines.flatMap((line) => (line === "" ? [""] : wrapRow(line, Math.max(1, width - 4))));
  const room = Math.max(1, maxRows);
  const first = Math.max(0, Math.min(top, wrapped.length - room));
  const shown = wrapped.slice(first, first + room);
  const position = wrapped.length > room ? `${first + 1}-${first + shown.length} of ${wrapped.length}  ` : "";
  return {
    title,
    width,
    rows: shown.map((line) => ` ${line}`),
    footer: `${position}${style.palette.paint("dim", "Esc closes")}`,
  };
}

function asciiKeys(keys: string, style: TextStyle): string {
  if (style.glyphs.rule !== "-") return keys;
  return keys.replace("↓", "Down").replace("↑", "Up").replace("←", "Left").replace("→", "Right");
}
