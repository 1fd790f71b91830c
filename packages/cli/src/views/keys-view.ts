import { type TextStyle, fitRow, rowWidth } from "@loom/reporters/view";
import { bindingsOf, shownKey, type KeyBinding } from "../keys/key-map.ts";
import type { Scene } from "../state/scene.ts";

const VIEW_WORDS = ["run", "graph", "time", "fail", "runs"] as const;

/** Commands that do nothing outside of a run that happens, or before its end. */
const NOT_NOW: ReadonlySet<string> = new Set(["rerun"]);

/** The last line: the views, and the keys that work now. */
export function keysView(scene: Scene, style: TextStyle): string {
  const { state, world } = scene;
  const width = world.size.columns - 1;
  const { palette } = style;
  const views = VIEW_WORDS.map((word, index) => {
    const here = state.zoom === undefined && index === VIEW_INDEX[state.view];
    const number = palette.paint("bold", String(index + 1));
    return here ? `${number} ${palette.paint("focus", word)}` : `${number} ${word}`;
  });
  const always = ["help", "quit"];
  const rows = bindingsOf(scene.context, scene.world.keys).filter(
    (row) => row.hint !== undefined && mayWork(row, scene),
  );
  const end = rows.filter((row) => always.includes(row.command)).map((row) => hintText(row, style));
  const middle = rows.filter((row) => !always.includes(row.command)).map((row) => hintText(row, style));
  const lead =
    state.zoom === undefined
      ? views
      : [`${palette.paint("bold", "Esc")} back`, `${palette.paint("bold", "n N")} match`];
  let line = ` ${lead.join(" ")} `;
  const last = end.join("  ");
  if (rowWidth(line) + rowWidth(last) + 1 > width) line = " ";
  for (const hint of middle) {
    if (rowWidth(line) + rowWidth(hint) + rowWidth(last) + 4 > width) break;
    line += ` ${hint} `;
  }
  const gap = Math.max(1, width - rowWidth(line) - rowWidth(last));
  return fitRow(line + " ".repeat(gap) + last, width, { pad: true, ellipsis: style.glyphs.ellipsis });
}

const VIEW_INDEX = { run: 0, graph: 1, time: 2, failures: 3, runs: 4 } as const;

function mayWork(row: KeyBinding, scene: Scene): boolean {
  if (row.command === "next_pane") return scene.layout.kind === "panes" && scene.state.zoom === undefined;
  if (row.command === "enter" && scene.state.zoom !== undefined) return false;
  if (row.command === "unpause") return scene.world.view.counts.held > 0 && !scene.world.finished;
  if (NOT_NOW.has(row.command)) return scene.world.finished && scene.world.live && scene.failures.length > 0;
  return true;
}

function hintText(row: KeyBinding, style: TextStyle): string {
  return `${style.palette.paint("bold", shownKey(row))} ${row.hint ?? ""}`;
}
