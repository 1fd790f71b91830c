import { formatClock, unreachable } from "@loom/core";
import { type TextStyle, failureWord, unitEventsPath, unitLabel } from "@loom/reporters/view";
import { rowText } from "../log/log-rows.ts";
import type { Scene } from "../state/scene.ts";
import { chosenItem } from "../state/shown-failure.ts";
import { jobClock, jobSign, jobTone, jobWords, unitName } from "./job-words.ts";
import { twoSided } from "./two-sided.ts";

/** The line above the keys: what is typed, what a key did, or what matters about the selection. */
export function statusView(scene: Scene, style: TextStyle, nowMs: number): string {
  const { state, world } = scene;
  const width = world.size.columns - 1;
  const { palette, glyphs } = style;
  if (state.prompt !== undefined) {
    const sign = state.prompt.kind === "search" ? "/" : state.prompt.kind === "filter" ? "&" : "filter: ";
    return twoSided(
      ` ${palette.paint("bold", sign)}${state.prompt.text}_`,
      palette.paint("dim", "Enter done  Esc clear"),
      width,
      glyphs.ellipsis,
    );
  }
  if (state.notice !== undefined) return twoSided(` ${state.notice}`, "", width, glyphs.ellipsis);
  if (state.interrupts > 0 && !world.finished) {
    return twoSided(
      ` ${palette.paint("cancelled", "cancelling: jobs were asked to stop")}`,
      "Ctrl-C again kills them",
      width,
      glyphs.ellipsis,
    );
  }
  switch (state.view) {
    case "run":
    case "time":
      return jobStatus(scene, { style, nowMs, width });
    case "graph":
      return graphStatus(scene, { style, nowMs, width });
    case "failures":
      return twoSided(` ${palette.paint("dim", chosenText(scene))}`, "", width, glyphs.ellipsis);
    case "runs": {
      const run = scene.runs[Math.min(state.run, scene.runs.length - 1)];
      return twoSided(
        ` ${palette.paint("dim", run?.receiptPath ?? run?.directory ?? "")}`,
        "",
        width,
        glyphs.ellipsis,
      );
    }
    default:
      return unreachable(state.view);
  }
}

/** All of what is chosen in the failure view: a message that its row may have cut, or a path. */
function chosenText({ world, state }: Scene): string {
  const item = chosenItem(world.failure, state.step);
  if (item?.kind === "file") return item.file.path;
  return item?.kind === "error" ? rowText(item.error.message, false) : "";
}

interface StatusInput {
  readonly style: TextStyle;
  readonly nowMs: number;
  readonly width: number;
}

function jobStatus(scene: Scene, { style, nowMs, width }: StatusInput): string {
  const { palette, glyphs } = style;
  const { view } = scene.world;
  const failed = view.jobs.find((job) => job.jobId === view.firstFailureId);
  if (failed?.status === "failed") {
    const { failure } = failed;
    const text = ` ${palette.paint("failed", `${glyphs.failed} ${failed.jobId}`)} failed at ${unitLabel(failure.unit)} (${failureWord(failure)})`;
    const path = width > 130 ? `   ${palette.paint("dim", unitEventsPath(failed.jobId, failure.unit))}` : "";
    const over = scene.world.live && scene.world.finished;
    const hint = over ? "4 the path to it  r runs it again  q leaves" : "press 4 for the path to it";
    return twoSided(text + path, width < 70 ? "4 why" : hint, width, glyphs.ellipsis);
  }
  if (scene.job === undefined) return twoSided("", "", width);
  const { job, log } = scene;
  const sign = palette.paint(jobTone(job), `${jobSign(style, job)} ${job.jobId}`);
  const what = log?.unit !== undefined && log.unit.kind !== "phase" ? `  ${unitName(log.unit)}` : "";
  const clock = jobClock(job, nowMs);
  return twoSided(
    ` ${sign}  ${jobWords(job)}${clock === "" ? "" : `  ${clock}`}${what}`,
    "",
    width,
    glyphs.ellipsis,
  );
}

function graphStatus(scene: Scene, { style, nowMs, width }: StatusInput): string {
  const { job } = scene;
  if (job === undefined) return twoSided("", "", width);
  const { links } = scene.world;
  const needs = links.needs.get(job.jobId) ?? [];
  const blocks = links.neededBy.get(job.jobId) ?? [];
  const { palette, glyphs } = style;
  const clock = job.status === "running" ? `  ${formatClock(nowMs - job.startedAtMs)}` : "";
  const parts = [
    ` ${palette.paint(jobTone(job), `${jobSign(style, job)} ${job.jobId}`)}  ${jobWords(job)}${clock}`,
  ];
  if (needs.length > 0) parts.push(`needs ${needs.join(", ")}`);
  if (blocks.length > 0) parts.push(`needed by ${blocks.join(", ")}`);
  return twoSided(parts.join("   "), "", width, glyphs.ellipsis);
}
