import { JOB_PHASE_ORDER, type PhaseCode } from "@loom/core";
import type { JudgedJob, PhaseSpan, JudgedRun } from "../intake/run-facts.ts";
import type { ViolationLog } from "../report/violation-log.ts";
import { isJobPhase, stepsOf } from "./required-phases.ts";
import { finishPlace, spanTitle, startPlace } from "./span-place.ts";

const RANK: ReadonlyMap<PhaseCode, number> = new Map(
  (JOB_PHASE_ORDER as readonly PhaseCode[]).map((code, rank) => [code, rank]),
);

/** Finds phases of one scope, and steps of one attempt, that do not follow one another in their order. */
export function judgeOrder(run: JudgedRun, log: ViolationLog): void {
  const { envelope } = run;
  judgeSuccession(
    [envelope.get("run.bootstrap"), envelope.get("run.pipeline_execute"), envelope.get("run.finalize")],
    log,
  );
  for (const job of run.jobs.values()) {
    judgeSuccession(phasesInOrder(job), log);
    judgeSuccession(stepsInOrder(job), log);
  }
}

function phasesInOrder(job: JudgedJob): readonly PhaseSpan[] {
  const place = (span: PhaseSpan): number =>
    // Cleanup comes once, after the last attempt.
    span.code === "job.cleanup"
      ? Number.MAX_SAFE_INTEGER
      : span.attempt * RANK.size + (RANK.get(span.code) ?? 0);
  return job.spans.filter(isJobPhase).toSorted((a, b) => place(a) - place(b));
}

function stepsInOrder(job: JudgedJob): readonly PhaseSpan[] {
  return stepsOf(job).toSorted((a, b) => a.attempt - b.attempt || a.step - b.step);
}

/** `spans` are in the order in which they should be; each must start after all before it have ended. */
function judgeSuccession(spans: readonly (PhaseSpan | undefined)[], log: ViolationLog): void {
  let latest: Latest | undefined;
  for (const span of spans) {
    if (span === undefined) continue;
    if (latest !== undefined) judgeAfter(latest, span, log);
    for (const seq of [span.startSeq, span.finishSeq]) {
      if (seq > (latest?.seq ?? 0)) latest = { span, seq };
    }
  }
}

/** The boundary with the highest number so far. */
interface Latest {
  readonly span: PhaseSpan;
  readonly seq: number;
}

function judgeAfter({ span: before, seq }: Latest, span: PhaseSpan, log: ViolationLog): void {
  const startsEarly = span.startSeq < seq;
  if (!startsEarly && !(span.finishSeq < seq)) return;
  log.add(
    "out_of_order",
    startsEarly ? startPlace(span) : finishPlace(span),
    () => `${spanTitle(span)} comes before the end of ${spanTitle(before)}`,
  );
}
