import { SIGNAL_EXIT_CODES, type RunStatus } from "@loom/core";
import { quote } from "../intake/quote.ts";
import type { Claim, JobTerminal, JudgedJob, PhaseSpan } from "../intake/run-facts.ts";
import type { ViolationLog, ViolationPlace } from "../report/violation-log.ts";
import { failingStepOf, lastStepsOf } from "./required-phases.ts";
import { finishPlace, spanTitle } from "./span-place.ts";

const RUN_EXIT_CODES: { readonly [S in RunStatus]: readonly number[] } = {
  success: [0],
  failure: [1],
  cancelled: Object.values(SIGNAL_EXIT_CODES),
};

/** Holds a run's exit code against its status, on which the document and the streams agree. */
export function judgeRunExit(
  pipeline: PhaseSpan,
  { claim, status }: { readonly claim: Claim; readonly status: RunStatus },
  log: ViolationLog,
): void {
  const codes = RUN_EXIT_CODES[status];
  judge(claim, log, {
    codes,
    place: finishPlace(pipeline),
    claimed: "",
    fact: () => `a run that ends as ${status} has ${codes.join(" or ")}`,
  });
}

/** Holds a job's exit code against its end, on whose status the document and the streams agree. */
export function judgeJobExit(
  { job, terminal }: { readonly job: JudgedJob; readonly terminal: JobTerminal },
  claim: Claim,
  log: ViolationLog,
): void {
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
  const failing = failingStepOf(job);
  if (failing !== undefined) return judgeAgainstStep(failing, claim, { log, claimed });
  return judge(claim, log, { codes: [undefined], place, claimed, fact: () => "none of its steps failed" });
}

/** Holds the exit code of a step or section that has no records against that. */
export function judgeUnreachedExit(
  { claim, name }: { readonly claim: Claim & { about: "step" | "section" }; readonly name: string },
  log: ViolationLog,
): void {
  judge(claim, log, {
    codes: [undefined],
    place: { streamPath: claim.path, line: 0, scope: "step", jobId: claim.jobId },
    claimed: ` of ${name}`,
    fact: () => "it has no records",
  });
}

/** Holds a step's exit code against its finish. */
export function judgeStepExit(step: PhaseSpan, claim: Claim, log: ViolationLog): void {
  judgeAgainstStep(step, claim, { log, claimed: "" });
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
