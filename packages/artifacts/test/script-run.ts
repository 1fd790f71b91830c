import { jobId, type PhaseStatus, type RunIdentity } from "@loom/core";
import type { RecordSink } from "@loom/ports";
import { ScriptedRun, type PlayedRun } from "@loom/testkit";

/** A script of a certain run, whose clock moves on by 10 ms with each record, so that no duration is 0 by accident. */
export function scriptRun(identity: RunIdentity, sink: RecordSink): ScriptedRun {
  const tick = (): void => run.wait(10);
  const run: ScriptedRun = new ScriptedRun(sink, { record: tick, lines: tick, flush: () => undefined });
  return run.goesBy(identity);
}

/** Has a job start to run and get its provider; its execution is yet to begin. */
export function startJob(run: PlayedRun, id: string): void {
  run.jobMoves(id, "pending", "ready");
  run.jobMoves(id, "ready", "running");
  beginAttempt(run, id);
}

/** Begins an attempt of a job that runs: its provider says which one it is. */
export function beginAttempt(run: PlayedRun, id: string, attempt = 1): void {
  run.getsProvider(id, attempt, () =>
    run.logs({ kind: "section", jobId: jobId(id), section: "provider" }, "info", "About provider", {
      provider: "host",
    }),
  );
}

/** Cleans up after the last attempt of a job, in a section, and ends the job. */
export function endJob(run: PlayedRun, id: string, to: PhaseStatus, reason?: string): void {
  run.cleansUp(id, {}, () => run.section(id, "cleanup"));
  run.jobMoves(id, "running", to, reason);
}
