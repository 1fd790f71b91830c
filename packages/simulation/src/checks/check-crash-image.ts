import type { ViolationCode } from "@loom/phase-validator";
import { judgeImage } from "../evidence/judge-image.ts";
import { recordedSeqs } from "../evidence/recorded-seqs.ts";
import type { Complain, SimulationRun } from "../simulated-run.ts";
import { checkDocuments } from "./check-documents.ts";

/** What the validator may find wrong with a run that was cut off: it is not whole. Nothing in it may be untrue. */
const OF_A_CUT_RUN: ReadonlySet<ViolationCode> = new Set([
  "missing_start",
  "missing_finish",
  "bad_sequence",
  "malformed_line",
  "truncated_stream",
]);

/** docs/contract.md#a-run-that-loom-did-not-live-to-close: what a process leaves that died in the middle of a call to the disk. */
export function checkCrashImage(run: SimulationRun, complain: Complain): void {
  checkDocuments(run, complain);
  const missing = firstMissing(run);
  if (missing !== undefined)
    complain("what was flushed is there", `record ${missing} of ${run.durableSeq} is not`);
  for (const { code, message } of judgeImage(run.image, run.receipt).violations) {
    // The summary of a section is that of the attempt before, until the one that has just ended replaces it.
    if (code === "status_mismatch" && /system\/\w+\/summary\.json" says .*attempt/u.test(message)) continue;
    // So does that of a step in the attempt before, from where it is set aside to where it is written anew.
    if (code === "broken_pointer" && /^"[^"]*\/attempts\/[^"]*" points/u.test(message)) continue;
    if (!OF_A_CUT_RUN.has(code)) complain("a cut run says nothing untrue", `${code}: ${message}`);
  }
}

/** The first record that was with the operating system before the crash and is not on the disk. */
function firstMissing(run: SimulationRun): number | undefined {
  const found = recordedSeqs(run.image);
  for (let seq = 1; seq <= run.durableSeq; seq += 1) if (!found.has(seq)) return seq;
  return undefined;
}
