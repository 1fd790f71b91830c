import type { PhaseSpan, JudgedRun } from "../intake/run-facts.ts";
import { splitJobPath, PHASE_REPORT_PATH, PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH } from "@loom/record";
import type { ViolationLog, ViolationPlace } from "../report/violation-log.ts";
import { lastStepsOf } from "./required-phases.ts";

/**
 * Finds documents that a finalized run must have and has not.
 *
 * A run whose `run.finalize` did not succeed is still going on, was interrupted
 * or could not write them. The receipt lies outside the run's directory, which
 * may be a copy: it is not required.
 */
export function judgePresence(run: JudgedRun, log: ViolationLog): void {
  if (run.envelope.get("run.finalize")?.status !== "success") return;
  const expect = (streamPath: string, place: Omit<ViolationPlace, "streamPath" | "line">): void => {
    if (run.documents.has(streamPath)) return;
    log.add(
      "status_mismatch",
      { streamPath, line: 0, ...place },
      () => `"${streamPath}" is missing although the run was finalized`,
    );
  };
  expect("summary.json", { scope: "run" });
  expect(PHASE_REPORT_PATH, { scope: "run" });
  expect(PIPELINE_SUMMARY_PATH, { scope: "pipeline" });
  expect(PIPELINE_MANIFEST_PATH, { scope: "pipeline" });
  for (const job of run.jobs.values()) {
    const place = { scope: "job", jobId: job.id } as const;
    expect(`jobs/${job.id}/summary.json`, place);
    expect(`jobs/${job.id}/manifest.json`, place);
    for (const section of summariesOf(job.spans.filter((span) => span.section !== undefined))) {
      expect(section, place);
    }
    for (const step of summariesOf(lastStepsOf(job))) expect(step, { ...place, scope: "step" });
  }
}

/** The summaries beside the streams of what started; attempts that share a stream share its summary. */
function summariesOf(spans: readonly PhaseSpan[]): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const { startLine, stream } of spans) {
    // An attempt that another one replaced keeps what it came to before it was set aside.
    // Stryker disable next-line OptionalChaining: every section and step has its stream in the directory of a job
    if (startLine === 0 || splitJobPath(stream.path)?.attempt !== undefined) continue;
    paths.add(`${stream.path.slice(0, -"events.jsonl".length)}summary.json`);
  }
  return paths;
}
