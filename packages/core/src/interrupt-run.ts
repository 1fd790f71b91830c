import type { Emission } from "./event.ts";
import type { EpochMs, JobId } from "./ids.ts";
import { isPaused } from "./job-state.ts";
import type { RunInput } from "./run-input.ts";
import { INTERRUPTED, type RunMachine } from "./run-machine.ts";
import type { RunPlan } from "./run-plan.ts";

/** What is known of an interrupted run beside its state. */
export interface Interruption {
  /** The last moment at which the run is known to have lived. Nothing is closed later than that. */
  readonly atMs: EpochMs;
  /** The plan, when the run got as far as noting it; its jobs are closed with a bootstrap that broke off. */
  readonly plan?: RunPlan | undefined;
}

/**
 * Brings an abandoned run to the point where its final
 * documents are due.
 *
 * What ran and what waited becomes `cancelled`, what had finished keeps its
 * result; the run fails as interrupted. A run whose pipeline had closed already
 * keeps its outcome: nothing of its work was cut off. The machine is then
 * `finalizing` and expects `finalized`.
 *
 * @returns What to record, in order.
 */
export function interruptRun(machine: RunMachine, { atMs, plan }: Interruption): readonly Emission[] {
  const emissions: Emission[] = [];
  function take(input: RunInput): void {
    const step = machine.step(input);
    if (!step.ok) throw new Error(step.error.message);
    for (const emission of step.value.emissions) emissions.push(emission);
  }

  if (machine.stage === "idle") take({ type: "run_started", atMs });
  take({ type: "stop_requested", cause: { kind: "interrupted" }, atMs });
  if (machine.stage === "bootstrapping") {
    // Stryker disable next-line ConditionalExpression: a plan of undefined is none.
    const failed = { status: "failed" as const, error: INTERRUPTED, ...(plan !== undefined && { plan }) };
    take({ type: "bootstrap_finished", outcome: failed, atMs });
  }
  for (const jobId of machine.jobIds()) {
    for (
      let input = answer(machine, jobId, atMs);
      input !== undefined;
      input = answer(machine, jobId, atMs)
    ) {
      take(input);
    }
  }
  return emissions;
}

/** What becomes of the thing that a job is in the middle of; `undefined` when it has ended. */
function answer(machine: RunMachine, jobId: JobId, atMs: EpochMs): RunInput | undefined {
  const state = machine.jobState(jobId);
  // Stryker disable next-line OptionalChaining: every job of the machine has a state.
  if (state?.status !== "running") return undefined;
  const outcome = { status: "cancelled" as const };
  if (isPaused(state)) throw new Error(`Job "${jobId}" is held, though the run is being stopped`);
  if (state.phase === "job.execution") {
    // Stryker disable next-line ObjectLiteral, StringLiteral: of a step that was to stop, no kind of end is looked at.
    const end = { kind: "unknown" } as const;
    return { type: "step_finished", jobId, step: state.step.number, end, atMs };
  }
  if (state.section !== undefined) {
    return { type: "section_finished", jobId, section: state.section.name, outcome, atMs };
  }
  return { type: "phase_finished", jobId, phase: state.phase, outcome, atMs };
}
