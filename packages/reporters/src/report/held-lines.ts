import { spokenDuration, writtenDuration, type JobId, type RunId } from "@loom/core";
import type { JobPause } from "@loom/record";
import type { FailureView } from "../view/run-view.ts";
import type { ViewModel } from "../view/view-model.ts";
import type { TextStyle } from "./text-style.ts";
import { failureWord, unitTitle } from "./unit-label.ts";

/** How a job that is held after a step that failed goes on, each with the command for it. */
export function heldCommands(jobId: JobId, runId?: RunId): Readonly<Record<string, string>> {
  const run = runId === undefined ? "" : ` ${runId}`;
  return {
    retry_step: `loom ctl retry-step ${jobId}${run}`,
    shell: `loom ctl shell ${jobId}${run}`,
    continue: `loom ctl continue ${jobId}${run}`,
    cancel: `loom ctl cancel${run}`,
  };
}

/** Where a job is held, and for how long: `lint › 02 pnpm lint (exit 1), for 30m`. */
export function heldPlace(
  { glyphs }: TextStyle,
  model: ViewModel,
  { jobId, pause }: { readonly jobId: JobId; readonly pause: JobPause },
): string {
  const failure = model.failure(jobId);
  const where = failure === undefined ? `step ${pause.step}` : placeOf(failure);
  const left = pause.untilMs === undefined ? "" : `, for ${writtenDuration(pause.untilMs - pause.sinceMs)}`;
  return `${jobId} ${glyphs.inside} ${where}${left}`;
}

/** The same as a sentence, for screen readers. */
export function heldSentence({ jobId, pause }: { readonly jobId: JobId; readonly pause: JobPause }): string {
  const { retry_step: retry, continue: go } = heldCommands(jobId);
  const left = pause.untilMs === undefined ? "" : ` for ${spokenDuration(pause.untilMs - pause.sinceMs)}`;
  return `Job ${jobId} is held after step ${pause.step}, which failed. It waits${left}: ${retry} tries the step again, ${go} lets it fail.`;
}

function placeOf(failure: FailureView): string {
  return `${unitTitle(failure.unit)} (${failureWord(failure)})`;
}
