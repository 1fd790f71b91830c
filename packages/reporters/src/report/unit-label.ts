import { stepTitle, unreachable, type JobId } from "@loom/core";
import { streamPath } from "@loom/record";
import { cleanLine } from "../text/clean-line.ts";
import type { FailedJobView, FailureView, JobUnit, StepUnit } from "../view/run-view.ts";
import type { TextStyle } from "./text-style.ts";

/** Characters of a command that are shown; the rest is in the job's manifest. */
const COMMAND_CHARACTERS = 100;

/** Names a part of a job: `step 02`, `provider`, `job.cache_save`. */
export function unitLabel(unit: JobUnit): string {
  switch (unit.kind) {
    case "step":
      return `step ${stepNumber(unit.step)}`;
    case "section":
      return unit.section;
    case "phase":
      return unit.phase;
    default:
      return unreachable(unit);
  }
}

/** Names a part of a job with what it runs: `02 pnpm lint`, `02 Lints: pnpm lint`, `provider`. */
export function unitTitle(unit: JobUnit): string {
  if (unit.kind !== "step") return unitLabel(unit);
  const title = stepLine(unit);
  return title === undefined ? unitLabel(unit) : `${stepNumber(unit.step)} ${title}`;
}

/** What a step runs, in one line: `pnpm lint`, `Lints: pnpm lint`; undefined where its command is not known. */
export function stepLine(step: Pick<StepUnit, "command" | "name">): string | undefined {
  const command = commandLine(step.command);
  const name = step.name === undefined ? undefined : cleanLine(step.name, { color: false });
  return command === undefined ? undefined : stepTitle(command, name);
}

/** Why a unit failed, in a word or two: `exit 1`, `SIGKILL`, `timeout`. */
export function failureWord(failure: FailureView): string {
  if (failure.error !== undefined && failure.error.code !== "exit_code" && failure.error.code !== "signal") {
    return failure.error.code;
  }
  if (failure.exitCode !== undefined) return `exit ${failure.exitCode}`;
  return failure.signal ?? failure.error?.code ?? "failed";
}

/** Names a job that failed, with where and why: `lint › 02 pnpm lint (exit 1)`. */
export function failureTitle({ glyphs }: TextStyle, { jobId, failure }: FailedJobView): string {
  return `${jobId} ${glyphs.inside} ${unitTitle(failure.unit)} (${failureWord(failure)})`;
}

/** The stream that holds what the unit did, below the run's folder. */
export function unitEventsPath(jobId: JobId, unit: JobUnit): string {
  switch (unit.kind) {
    case "step":
      return streamPath({ kind: "step", jobId, step: unit.step });
    case "section":
      return streamPath({ kind: "section", jobId, section: unit.section });
    case "phase":
      return streamPath({ kind: "job", jobId });
    default:
      return unreachable(unit);
  }
}

function stepNumber(step: number): string {
  return String(step).padStart(2, "0");
}

/** The first line that says something. */
function commandLine(script: string | undefined): string | undefined {
  const line = script?.split("\n").find((text) => text.trim() !== "");
  return line && cleanLine(line.trim(), { color: false, maxCharacters: COMMAND_CHARACTERS });
}
