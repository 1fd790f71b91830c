import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { ExplainedError } from "@loom/diagnosis";
import { errorAt } from "../log/error-rows.ts";
import { exportLog } from "../log/export-log.ts";
import { ALL_JOBS_KEY } from "../log/log-key.ts";
import type { OpenLog } from "../log/log-cache.ts";
import { fileToOpen } from "../record/file-to-open.ts";
import type { VisibleLog } from "../state/scene.ts";
import { chosenItem } from "../state/shown-failure.ts";
import type { TuiHost } from "../tui-host.ts";
import type { EffectContext } from "./effect-context.ts";
import { focusedPath } from "./focused-path.ts";

/** Opens the selection: the location that an error reports, a log as text, or a document. */
export async function openEditor(context: EffectContext): Promise<void> {
  const { host, scene, run } = context;
  const item =
    scene.state.view === "failures" && scene.state.zoom === undefined
      ? chosenItem(scene.world.failure, scene.state.step)
      : undefined;
  if (host !== undefined && item?.kind === "error" && (await openError(context, host, item.error)))
    return undefined;
  const path = focusedPath(context);
  if (host === undefined || path === undefined) return context.say("nothing to open here");
  const { log, state } = scene;
  // The log of a job, or of all of them, is in several files.
  const isJob = log?.key === ALL_JOBS_KEY || (log?.job !== undefined && log.unit === undefined);
  const isLog =
    (path.endsWith(".jsonl") || isJob) && state.zoom?.kind !== "document" && item?.kind !== "file";
  if (!isLog || log === undefined || run.directory === undefined)
    return void (await open(context, host, { path, line: 1 }));
  const opened = context.logAt(log.key);
  if (opened === undefined) return undefined;
  const { current } = log.position;
  if (current !== undefined && (await openNamed(context, host, { log: opened, row: current })))
    return undefined;
  return await openAsText(context, host, { log, opened });
}

/** Opens the location of the error that a row reports. @returns Whether there is one. */
async function openNamed(
  context: EffectContext,
  host: TuiHost,
  { log, row }: { readonly log: OpenLog; readonly row: number },
): Promise<boolean> {
  const error = errorAt(log.source, row);
  return error !== undefined && (await openError(context, host, error));
}

/** Opens the location of an error. @returns Whether it names a file that exists. */
async function openError(
  context: EffectContext,
  host: TuiHost,
  error: Pick<ExplainedError, "file" | "line">,
): Promise<boolean> {
  const { root, run } = context;
  if (root === undefined || error.file === undefined) return false;
  const { model } = run;
  const file = fileToOpen(model.relative(error.file), root, model.view().workspace);
  if (file === undefined) return false;
  if (file.isOfSnapshot) context.say("the file in the snapshot: the checkout has a different one by now");
  await open(context, host, { path: file.path, line: error.line ?? 1 });
  return true;
}

/** Writes a log to a temporary file, opens it, and removes it afterwards. */
async function openAsText(
  context: EffectContext,
  host: TuiHost,
  { log, opened }: { readonly log: VisibleLog; readonly opened: OpenLog },
): Promise<void> {
  const { position, shown, top, job, unit, total, title } = log;
  context.say("writing the log as text");
  const part = unit?.kind === "step" ? `-${String(unit.step).padStart(2, "0")}` : unit && "-section";
  const path = await exportLog(opened.source, `${job?.jobId ?? title}${part ?? ""}`);
  const row = position.current ?? shown.rowAt(position.follow ? total - 1 : top);
  const problem = await open(context, host, { path, line: row + 1 });
  rmSync(dirname(path), { recursive: true, force: true });
  if (problem === undefined) context.say("back");
}

async function open(
  context: EffectContext,
  host: TuiHost,
  { path, line }: { readonly path: string; readonly line: number },
): Promise<string | undefined> {
  let problem: string | undefined;
  await context.lend(async () => {
    problem = await host.openFile(path, line);
  });
  context.say(problem);
  return problem;
}
