import { formatClock, unreachable } from "@loom/core";
import { type TextStyle, failureWord, unitEventsPath, unitLabel } from "@loom/reporters/view";
import { ALL_JOBS_KEY } from "../log/log-key.ts";
import { rowText } from "../log/log-rows.ts";
import { shownKeyOf } from "../keys/key-map.ts";
import { isHeld } from "../state/held-jobs.ts";
import type { Scene } from "../state/scene.ts";
import { chosenItem } from "../state/shown-failure.ts";
import type { Prompt } from "../state/ui-state.ts";
import { jobClock, jobSign, jobTone, jobWords, unitName } from "./job-words.ts";
import { twoSided } from "./two-sided.ts";

const PROMPT_SIGNS: { readonly [K in Prompt["kind"]]: string } = {
  search: "/",
  filter: "&",
  runs: "filter: ",
  job: "job: ",
};

/** The status line, above the keys: the prompt, a notice, or the state of the selection. */
export function statusView(scene: Scene, style: TextStyle, nowMs: number): string {
  const { state, world } = scene;
  const width = world.size.columns - 1;
  const { palette, glyphs } = style;
  if (state.prompt !== undefined) {
    const sign = PROMPT_SIGNS[state.prompt.kind];
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
      const run = scene.runs[scene.runIndex];
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

/** The selected item of the failure view in full: a message, which may be cut in its row, or a path. */
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

/** The state of the selected job, and on the right which key leads to a failure. */
function jobStatus(scene: Scene, { style, nowMs, width }: StatusInput): string {
  const { palette, glyphs } = style;
  const { job, log } = scene;
  if (log?.key === ALL_JOBS_KEY) return allJobsStatus(scene, { style, nowMs, width });
  const hint = failureHint(scene, { style, width });
  if (job === undefined) return twoSided("", hint, width, glyphs.ellipsis);
  const sign = palette.paint(jobTone(job), `${jobSign(style, job)} ${job.jobId}`);
  if (job.status === "failed") {
    const { failure } = job;
    const allowed = job.blocking ? "" : " (may fail)";
    const text = ` ${sign} failed at ${unitLabel(failure.unit)} (${failureWord(failure)})${allowed}`;
    const path = width > 130 ? `   ${palette.paint("dim", unitEventsPath(job.jobId, failure.unit))}` : "";
    return twoSided(text + path, hint, width, glyphs.ellipsis);
  }
  const what = log?.unit !== undefined && log.unit.kind !== "phase" ? `  ${unitName(log.unit)}` : "";
  const clock = jobClock(job, nowMs);
  return twoSided(
    ` ${sign}  ${jobWords(job)}${clock === "" ? "" : `  ${clock}`}${what}`,
    hint,
    width,
    glyphs.ellipsis,
  );
}

/** What runs, while the log is that of all jobs. */
function allJobsStatus(scene: Scene, { style, width }: StatusInput): string {
  const { palette, glyphs } = style;
  const { runningIds } = scene.world.view;
  const running =
    runningIds.length === 0 ? "nothing runs" : `${runningIds.length} running: ${runningIds.join(", ")}`;
  const hint = failureHint(scene, { style, width });
  return twoSided(` ${palette.paint("bold", "all jobs")}  ${running}`, hint, width, glyphs.ellipsis);
}

/** The key that asks how a held job goes on, or the one that explains the first failure; empty if there is neither. */
function failureHint({ world, job, failures }: Scene, { style, width }: Omit<StatusInput, "nowMs">): string {
  const { view, keys, finished } = world;
  if (isHeld(job) && !finished) return `${shownKeyOf("unpause", keys)} how it goes on`;
  if (view.counts.held > 0 && !finished && failures.length === 0)
    return `${shownKeyOf("unpause", keys)} ${view.counts.held} held`;
  const [first] = failures;
  if (first === undefined) return "";
  if (width < 70) return "4 why";
  if (job?.jobId !== first)
    return `${style.palette.paint("failed", `${style.glyphs.failed} ${first}`)}  4 why`;
  return world.live && world.finished ? "4 why it failed  r runs it again  q leaves" : "4 why it failed";
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
