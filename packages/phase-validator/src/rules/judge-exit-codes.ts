import { SIGNAL_EXIT_CODES } from "@loom/core";
import { quote } from "../intake/quote.ts";
import type { Claim, JudgedJob, PhaseSpan } from "../intake/run-facts.ts";
import type { ViolationLog, ViolationPlace } from "../report/violation-log.ts";
import { firstFailed, lastStepsOf } from "./required-phases.ts";
import { finishPlace, spanTitle } from "./span-place.ts";

/** By the status of the run. */
const RUN_EXIT_CODES: ReadonlyMap<string, readonly number[]> = new Map([
  ["success", [0]],
  ["failure", [1]],
  ["cancelled", Object.values(SIGNAL_EXIT_CODES)],
]);

/** Holds a run's exit code against its status, on which the document and the streams agree. */
export function judgeRunExit(pipeline: PhaseSpan, claim: Claim, log: ViolationLog): void {
  const codes = RUN_EXIT_CODES.get(claim.status) ?? [];
  judge(claim, log, {
    codes,
    place: finishPlace(pipeline),
    claimed: "",
    fact: () => `a run that ends as ${claim.status} has ${codes.join(" or ")}`,
  });
}

/** Holds a job's exit code against its end, on whose status the document and the streams agree. */
export function judgeJobExit(job: JudgedJob, claim: Claim, log: ViolationLog): void {
  const { terminal } = job;
  if (terminal === undefined) return;
  const place = {
    streamPath: terminal.stream.path,
    line: terminal.line,
    scope: "job",
    jobId: job.id,
  } as const;
  const claimed = ` of the job "${job.id}"`;
  const ended = (): string => `it ended as ${terminal.status}`;
  if (terminal.status === "success") return judge(claim, log, { codes: [0], place, claimed, fact: ended });
  const steps = lastStepsOf(job);
  if (terminal.status !== "failed") {
    // What the process of a cancelled step ended with decides nothing, so it may be told or not.
    const codes = [undefined, ...steps.map((step) => step.exitCode)];
    return judge(claim, log, { codes, place, claimed, fact: ended });
  }
  const failing = firstFailed(steps);
  if (failing !== undefined) return judgeAgainstStep(failing, claim, { log, claimed });
  return judge(claim, log, { codes: [undefined], place, claimed, fact: () => "none of its steps failed" });
}

/**
 * Holds a step's exit code against its finish.
 *
 * @param step - Absent when it was never reached.
 */
export function judgeStepExit(step: PhaseSpan | undefined, claim: Claim, log: ViolationLog): void {
  if (step !== undefined) return judgeAgainstStep(step, claim, { log, claimed: "" });
  const name = claim.about === "step" ? ` of step ${claim.step}` : "";
  const jobId = claim.about === "run" ? undefined : claim.jobId;
  return judge(claim, log, {
    codes: [undefined],
    place: { streamPath: claim.path, line: 0, scope: "step", jobId },
    claimed: name,
    fact: () => "it has no records",
  });
}

interface Expected {
  /** The exit codes that agree with the streams; `undefined` stands for none. */
  readonly codes: readonly (number | undefined)[];
  readonly place: ViolationPlace;
  /** Follows the exit code: of what it is, where the document's path does not say. */
  readonly claimed: string;
  /** Follows "but": what the streams say. */
  readonly fact: () => string;
}

function judge(claim: Claim, log: ViolationLog, expected: Expected): void {
  if (claim.exit === undefined) return;
  const { code } = claim.exit;
  if (expected.codes.some((agreeing) => agreeing === code)) return;
  log.add(
    "status_mismatch",
    expected.place,
    () => `"${claim.path}" says ${worded(code)}${expected.claimed}, but ${expected.fact()}`,
  );
}

function judgeAgainstStep(
  step: PhaseSpan,
  claim: Claim,
  to: { readonly log: ViolationLog; readonly claimed: string },
): void {
  judge(claim, to.log, {
    codes: [step.exitCode],
    place: finishPlace(step),
    claimed: to.claimed,
    fact: () => `${spanTitle(step)} finished with ${worded(step.exitCode)}`,
  });
}

function worded(code: unknown): string {
  return code === undefined ? "no exit code" : `exit code ${quote(code)}`;
}
