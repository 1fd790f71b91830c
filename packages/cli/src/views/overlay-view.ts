import { unreachable } from "@loom/core";
import { type TextStyle, fitRow } from "@loom/reporters/view";
import { bindingsOf } from "../keys/key-map.ts";
import type { Rect } from "../state/layout.ts";
import type { Scene } from "../state/scene.ts";
import type { Overlay } from "../state/ui-state.ts";
import { paneRows } from "./pane-rows.ts";

/** A box over a view: where, and what is in it. */
export interface OverlayBox {
  readonly rect: Rect;
  readonly rows: readonly string[];
}

/** Characters of the keys in the help. */
const KEYS_WIDTH = 13;

/** The box of an overlay, in the middle of the screen. */
export function overlayView(scene: Scene, overlay: Overlay, style: TextStyle): OverlayBox {
  const { columns, rows } = scene.world.size;
  const content = contentOf(scene, overlay, { style, maxRows: rows - 4 });
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

interface Content {
  readonly title: string;
  readonly footer?: string;
  readonly width: number;
  readonly rows: readonly string[];
}

function contentOf(
  scene: Scene,
  overlay: Overlay,
  given: { readonly style: TextStyle; readonly maxRows: number },
): Content {
  const { style, maxRows } = given;
  switch (overlay.kind) {
    case "help":
      return helpContent(scene, overlay, { style, maxRows });
    case "quit":
      return {
        title: scene.world.finished ? "quit?" : "cancel the run?",
        width: 58,
        rows: quitRows(scene, style),
      };
    case "cancel":
      return { title: "cancel?", width: 58, rows: cancelRows(overlay, style) };
    case "rerun": {
      const one = overlay.jobs.length === 1;
      return {
        title: "run again?",
        width: 58,
        rows: [
          "",
          ` ${one ? "Job" : `${overlay.jobs.length} failed jobs`}: ${overlay.jobs.join(", ")}`,
          " and what they need, as a new run",
          "",
          `   ${style.palette.paint("bold", "Enter")}  leave this screen and start`,
          `   ${style.palette.paint("bold", "Esc")}    stay`,
          "",
        ],
      };
    }
    default:
      return unreachable(overlay);
  }
}

function cancelRows({ job }: Extract<Overlay, { kind: "cancel" }>, { palette }: TextStyle): string[] {
  return [
    "",
    ...(job === undefined
      ? []
      : [`   ${palette.paint("bold", "x")}    job ${job}: it fails, and is not tried again`]),
    `   ${palette.paint("bold", "c")}    the whole run`,
    `   ${palette.paint("bold", "Esc")}  nothing`,
    "",
    " What is cancelled is asked to end, and killed if it does",
    " not. Nothing is lost: what was printed is kept.",
    "",
  ];
}

function quitRows(scene: Scene, style: TextStyle): string[] {
  const { view } = scene.world;
  const { palette } = style;
  if (scene.world.finished) {
    return [
      "",
      " The run is over.",
      "",
      `   ${palette.paint("bold", "q")}    leave`,
      `   ${palette.paint("bold", "Esc")}  stay`,
      "",
    ];
  }
  const names = view.runningIds.slice(0, 3).join(", ");
  const more = view.runningIds.length > 3 ? ` and ${view.runningIds.length - 3} more` : "";
  const running = view.runningIds.length;
  const first =
    running === 0
      ? " The run is not over."
      : ` ${running} ${running === 1 ? "job is" : "jobs are"} still running: ${names}${more}`;
  return [
    "",
    first,
    "",
    `   ${palette.paint("bold", "c")}    cancel, finish the record, and leave`,
    `   ${palette.paint("bold", "Esc")}  keep watching`,
    "",
    " Ctrl-C also cancels. Nothing is lost: every line",
    " printed so far is in the run's folder.",
    "",
  ];
}

function helpContent(
  scene: Scene,
  help: Extract<Overlay, { kind: "help" }>,
  given: { readonly style: TextStyle; readonly maxRows: number },
): Content {
  const { style, maxRows } = given;
  const { palette, glyphs } = style;
  const wanted = help.filter.toLowerCase();
  const lines = bindingsOf(scene.context)
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

function asciiKeys(keys: string, style: TextStyle): string {
  if (style.glyphs.rule !== "-") return keys;
  return keys.replace("↓", "Down").replace("↑", "Up").replace("←", "Left").replace("→", "Right");
}
