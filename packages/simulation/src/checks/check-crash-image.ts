import type { ViolationCode } from "@loom/phase-validator";
import { judgeImage } from "../evidence/judge-image.ts";
import { recordedSeqs } from "../evidence/recorded-seqs.ts";
import type { Complain, SimulationRun } from "../simulated-run.ts";
import { checkDocuments } from "./check-documents.ts";

/** Violations allowed in a truncated run: it may be incomplete, but nothing in it may be untrue. */
const OF_A_CUT_RUN: ReadonlySet<ViolationCode> = new Set([
  "missing_start",
  "missing_finish",
  "bad_sequence",
  "malformed_line",
  "truncated_stream",
]);

/** docs/contract.md#a-run-that-loom-did-not-live-to-close: what a process leaves that died during a disk call. */
export function checkCrashImage(run: SimulationRun, complain: Complain): void {
  checkDocuments(run, complain);
  const missing = firstMissing(run);
  if (missing !== undefined)
    complain("what was flushed is there", `record ${missing} of ${run.durableSeq} is not`);
  for (const { code, message } of judgeImage(run.image, run.receipt).violations) {
    // A section's summary is that of the previous attempt until the attempt that just ended replaces it.
    if (code === "status_mismatch" && /system\/\w+\/summary\.json" says .*attempt/u.test(message)) continue;
    // Likewise a step's summary of the previous attempt, between being set aside and being rewritten.
    if (code === "broken_pointer" && /^"[^"]*\/attempts\/[^"]*" points/u.test(message)) continue;
    if (!OF_A_CUT_RUN.has(code)) complain("a truncated run says nothing untrue", `${code}: ${message}`);
  }
}

/** The first record that had reached the operating system before the crash and is not on disk. */
function firstMissing(run: SimulationRun): number | undefined {
  const found = recordedSeqs(run.image);
  for (let seq = 1; seq <= run.durableSeq; seq += 1) if (!found.has(seq)) return seq;
  return undefined;
}
