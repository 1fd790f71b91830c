import type { RunResult } from "@loom/core";
import { recordedSeqs } from "../evidence/recorded-seqs.ts";
import type { Complain, SimulationRun } from "../simulated-run.ts";
import { goesOnAfter } from "./goes-on-after.ts";

const EXIT_CODES: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** docs/contract.md#status: the result follows from the stop and the jobs, and missing evidence fails the run. */
export function checkResult(run: SimulationRun, result: RunResult, complain: Complain): void {
  const rule = "the result follows from the run";
  const tolerated = new Set(
    run.world.plan.jobs.filter((job) => goesOnAfter(run, job)).map((job) => job.jobId),
  );
  const failed = run.records.flatMap(({ record }) =>
    record.event === "job_state" && record.to === "failed" && !tolerated.has(record.job_id)
      ? [record.job_id]
      : [],
  );
  const stop = run.records
    .map(({ record }) => (record.event === "log" ? record["stop"] : undefined))
    .find((cause) => cause !== undefined) as { readonly kind: string; readonly signal?: string } | undefined;
  const statusOf = (code: string): string | undefined =>
    run.records.flatMap(({ record }) =>
      record.event === "phase_finish" && record.phase_code === code ? [record.status] : [],
    )[0];
  const isSignal = stop?.kind === "signal";
  const bootstrapFailed = statusOf("run.bootstrap") === "failed";
  const isFailure = stop !== undefined || bootstrapFailed || failed.length > 0;
  const finalizeFailed = statusOf("run.finalize") === "failed";
  const expected = isSignal
    ? `cancelled ${EXIT_CODES[stop.signal ?? ""]}`
    : isFailure || finalizeFailed
      ? "failure 1"
      : "success 0";
  if (`${result.status} ${result.exitCode}` !== expected)
    complain(rule, `${result.status} ${result.exitCode} instead of ${expected}`);
  if (result.failedJobIds.join() !== failed.join())
    complain(
      "failures are listed as they finished",
      `${result.failedJobIds.join()} instead of ${failed.join()}`,
    );
  if ((result.error === undefined) !== (result.status === "success"))
    complain(rule, "the error is not that of the status");
  const pipeline = bootstrapFailed ? "skipped" : isSignal ? "cancelled" : isFailure ? "failed" : "success";
  for (const code of ["pipeline.execute", "run.pipeline_execute"]) {
    if (statusOf(code) !== pipeline) complain(rule, `${code} is ${statusOf(code)} instead of ${pipeline}`);
  }
  checkEvidence(run, result, complain);
  if (
    run.disk.hasRefused &&
    run.fault === undefined &&
    run.disk.incidents.some(({ what }) => !what.includes("unlink"))
  )
    complain("a refused call is reported", run.disk.incidents[0]?.what ?? "");
}

/**
 * A run with missing evidence is not a success. The last record is the exception: when its write fails,
 * everything else already says how the run ended.
 */
function checkEvidence(run: SimulationRun, result: RunResult, complain: Complain): void {
  if (run.fault === undefined || result.status !== "success") return;
  const found = recordedSeqs(run.image);
  const missing = run.records.slice(0, -1).find(({ record }) => !found.has(record.seq));
  if (missing !== undefined)
    complain(
      "missing evidence fails the run",
      `record ${missing.record.seq} is not there: ${run.fault.message}`,
    );
}
