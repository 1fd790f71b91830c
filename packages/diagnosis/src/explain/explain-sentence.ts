import { formatSpan, stepTitle, unreachable } from "@loom/core";
import type { FailureParts } from "./explain-failure.ts";
import type { ExplainedFailure, ExplainedOutcome } from "./explanation.ts";
import type { RunDocuments } from "./run-documents.ts";

/** Names in a sentence; the rest is counted. */
const MAX_NAMED = 3;

/** Characters of a command in a sentence. */
const COMMAND_CHARACTERS = 80;

/** How a run stands, in one sentence without a full stop. */
export function summarySentence(
  documents: RunDocuments,
  found: { readonly outcome: ExplainedOutcome; readonly parts: FailureParts | undefined },
): string {
  const { outcome, parts } = found;
  const failed = parts === undefined ? undefined : failureSentence(parts.failure, documents);
  switch (outcome) {
    case "success":
      return successSentence(documents);
    case "failure":
      return failed ?? "The run failed, and its documents do not say why";
    case "cancelled":
      return `${cancelledSentence(documents)}${failed === undefined ? "" : `; before that, ${uncapitalise(failed)}`}`;
    case "interrupted":
      return `Loom was ended before the run was over${duringSentence(documents)}${failed === undefined ? "" : `; before that, ${uncapitalise(failed)}`}`;
    case "running":
      return `The run goes on${duringSentence(documents)}${failed === undefined ? "" : `; ${uncapitalise(failed)}`}${heldSentence(documents, parts)}`;
    case "unfinished":
      return `The run has no end on disk: it is still running, or was interrupted${duringSentence(documents)}${failed === undefined ? "" : `; ${uncapitalise(failed)}`}`;
    default:
      return unreachable(outcome);
  }
}

function successSentence({ pipeline, manifest }: RunDocuments): string {
  const counts = pipeline?.job_counts;
  if (counts === undefined) return "The run succeeded";
  if (counts.success === 0 && counts.failed === 0) {
    return counts.total === 0
      ? "The run succeeded: there was no job to run"
      : "The run succeeded: no job had to run";
  }
  const tolerated = manifest?.jobs.filter((job) => job.status === "failed").length ?? counts.failed;
  const details = [
    ...(tolerated > 0
      ? [`${countOf(tolerated, "failure")} ${tolerated === 1 ? "was" : "were"} allowed`]
      : []),
    ...(counts.skipped > 0 ? [`${countOf(counts.skipped, "job")} skipped`] : []),
  ];
  const took = pipeline === undefined ? "" : ` in ${formatSpan(pipeline.duration_ms)}`;
  return `The run succeeded: ${countOf(counts.success, "job")} passed${took}${details.length > 0 ? `; ${details.join(", ")}` : ""}`;
}

function cancelledSentence({ summary, pipeline, manifest }: RunDocuments): string {
  const message = summary?.error?.message ?? pipeline?.error?.message ?? "The run was cancelled";
  const stopped = manifest?.jobs.filter((job) => job.status === "cancelled").map((job) => job.job_id) ?? [];
  if (stopped.length === 0) return message;
  return `${message}: ${quoted(stopped)} did not finish`;
}

function duringSentence({ unfinished, manifest }: RunDocuments): string {
  const running =
    unfinished?.running ??
    manifest?.jobs.filter((job) => job.status === "cancelled").map((job) => job.job_id) ??
    [];
  if (running.length === 0) return "";
  return `, while ${quoted(running)} ${running.length === 1 ? "was" : "were"} running`;
}

function heldSentence({ unfinished }: RunDocuments, parts: FailureParts | undefined): string {
  const isHeld = unfinished?.held.some((job) => job === parts?.failure.job_id) === true;
  return isHeld ? ". The job is held, and waits for somebody to say how it goes on" : "";
}

/** Why something failed, in one sentence without a full stop. */
export function failureSentence(failure: ExplainedFailure, documents: RunDocuments): string {
  const { unit, job_id: job, error } = failure;
  if (unit === "run") return runFailureSentence(error ?? { code: "", message: "" }, documents);
  const attempts = (failure.attempts ?? 1) > 1 ? ` after ${failure.attempts} attempts` : "";
  const place = placeOf(failure);
  return `Job "${job}" failed${attempts}${place}: ${causeOf(failure)}`;
}

function runFailureSentence(
  error: { readonly code: string; readonly message: string },
  { pipeline }: RunDocuments,
): string {
  if (error.code.startsWith("WF_")) return `The workflow is invalid: ${error.message}`;
  const counts = pipeline?.job_counts;
  const nothingRan = counts !== undefined && counts.success + counts.failed + counts.cancelled === 0;
  return `${nothingRan ? "The run could not start" : "The run failed"}: ${error.message}`;
}

function placeOf({ unit, step, steps_total: total, section, command = "", name }: ExplainedFailure): string {
  if (unit === "step") {
    const shown = command.length > COMMAND_CHARACTERS ? `${command.slice(0, COMMAND_CHARACTERS)}…` : command;
    // Without the manifest of the job, only the number of the step is known.
    const place = total === undefined ? ` in step ${step}` : ` in step ${step} of ${total}`;
    return shown === "" ? place : `${place} (${stepTitle(shown, name)})`;
  }
  return unit === "section" ? ` in its section "${section}"` : "";
}

function causeOf({ error, exit_code: exitCode, signal, meaning }: ExplainedFailure): string {
  if (error?.code === "worker_lost") return `its worker was lost: ${uncapitalise(error.message)}`;
  if (error !== undefined && error.code !== "exit_code" && error.code !== "signal") return error.message;
  const ended =
    exitCode !== undefined
      ? `it exited with code ${exitCode}`
      : signal === undefined
        ? error?.message
        : `it was ended by ${signal}`;
  if (ended === undefined) return "its documents do not say why";
  return meaning === undefined ? ended : `${ended}. ${meaning.message}`;
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((name) => `"${name}"`);
  return names.length > MAX_NAMED
    ? `${shown.join(", ")} and ${names.length - MAX_NAMED} more`
    : shown.join(", ");
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function uncapitalise(sentence: string): string {
  return `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`;
}
