import { relative } from "node:path";
import { rowText } from "../log/log-rows.ts";
import { copySequence } from "../terminal/signals-to-terminal.ts";
import { failureReport } from "../views/failures-view.ts";
import type { EffectContext } from "./effect-context.ts";
import { focusedPath } from "./focused-path.ts";

const NOTHING = "nothing to copy here";

/** Copies the path of what is selected, as seen from the project or absolute. */
export function copyPath(context: EffectContext, absolute: boolean): void {
  const { root } = context;
  const path = focusedPath(context);
  if (path === undefined) return context.say(NOTHING);
  const text = absolute || root === undefined ? path : relative(root, path);
  context.send(copySequence(text));
  return context.say(`copied ${text}`);
}

/** Copies what is in sight: the report of a failure, or the lines of a log. */
export function copyText(context: EffectContext): void {
  const { scene, path } = context;
  if (scene.state.view === "failures" && scene.state.zoom === undefined) {
    if (path === undefined) return context.say(NOTHING);
    context.send(copySequence(failureReport(scene, path)));
    return context.say("copied the failure report");
  }
  const lines = visibleLines(context);
  if (lines === undefined) return context.say(NOTHING);
  context.send(copySequence(lines.join("\n")));
  return context.say(`copied ${lines.length} lines`);
}

function visibleLines(context: EffectContext): readonly string[] | undefined {
  const { scene } = context;
  const log = scene.log === undefined ? undefined : context.logAt(scene.log.key);
  if (log === undefined || scene.log === undefined) return undefined;
  const { position, total, height } = scene.log;
  const { source, filter } = log;
  const top = position.follow ? Math.max(0, total - height) : position.top;
  const lines =
    filter === undefined
      ? source.lines(top, height)
      : Array.from(
          { length: Math.min(height, filter.count - top) },
          (_, index) => source.lines(filter.hit(top + index) ?? 0, 1)[0],
        );
  return lines.flatMap((line) =>
    line === undefined || line.stream === "sys" ? [] : [rowText(line.text, false)],
  );
}
