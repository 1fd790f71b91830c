import { relative } from "node:path";
import { linesOf, rowText } from "../log/log-rows.ts";
import { copySequence } from "../terminal/terminal-sequences.ts";
import { explanationLines } from "@loom/diagnosis";
import type { Scene } from "../state/scene.ts";
import { chosenItem } from "../state/shown-failure.ts";
import type { EffectContext } from "./effect-context.ts";
import { focusedPath } from "./focused-path.ts";

const NOTHING = "nothing to copy here";

/** Copies the path of the selection, relative to the project or absolute; for an error, its location. */
export function copyPath(context: EffectContext, absolute: boolean): void {
  const { root, scene } = context;
  const item = isFailure(scene) ? chosenItem(scene.world.failure, scene.state.step) : undefined;
  if (item?.kind === "error" && item.error.file !== undefined) {
    const { file, line, column } = item.error;
    const place = [file, line, column].filter((part) => part !== undefined).join(":");
    return void copy(context, place, place);
  }
  const path = focusedPath(context);
  if (path === undefined) return context.say(NOTHING);
  const text = absolute || root === undefined ? path : relative(root, path);
  return void copy(context, text, text);
}

/** Copies what is visible: the report of a failure, or the lines of a log. */
export function copyText(context: EffectContext): void {
  const { scene } = context;
  if (isFailure(scene)) {
    const { failure } = scene.world;
    if (failure === undefined) return context.say(NOTHING);
    const report = `${explanationLines(failure.explanation).join("\n")}\n`;
    return void copy(context, report, "the failure report");
  }
  const lines = visibleLines(context);
  if (lines === undefined) return context.say(NOTHING);
  return void copy(context, lines.join("\n"), `${lines.length} lines`);
}

/**
 * Puts a text on the clipboard, both through a program on this machine and through the terminal, which may be on
 * another. A terminal does not report whether it did.
 */
async function copy(context: EffectContext, text: string, what: string): Promise<void> {
  context.send(copySequence(text));
  const program = await context.host?.copy?.(text);
  context.say(
    program === undefined ? `asked the terminal to copy ${what}` : `copied with ${program}: ${what}`,
  );
}

function isFailure({ state }: Scene): boolean {
  return state.view === "failures" && state.zoom === undefined;
}

function visibleLines(context: EffectContext): readonly string[] | undefined {
  const { scene } = context;
  const log = scene.log === undefined ? undefined : context.logAt(scene.log.key);
  if (log === undefined || scene.log === undefined) return undefined;
  const { top, height } = scene.log;
  return linesOf(log, top, height).flatMap(({ stream, text, job }) => {
    if (stream === "sys" || stream === "cmd") return [];
    return [`${job === undefined ? "" : `${job} │ `}${rowText(text, false)}`];
  });
}
