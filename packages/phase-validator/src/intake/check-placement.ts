import { PHASES, unreachable, type PhaseCode } from "@loom/core";
import { isMirrorable } from "./is-mirrorable.ts";
import { quote } from "./quote.ts";
import { jobOf, NO_STREAM, type JudgedPlace } from "./stream-place.ts";

type Json = { readonly [key: string]: unknown };

/** Why a phase record does not belong in its stream; `undefined` when it does. */
export function checkPlacement(place: JudgedPlace, code: PhaseCode, json: Json): string | undefined {
  const { job_id: jobId, section, step } = json;
  const { scope } = PHASES[code];
  const ofJob = jobOf(place);
  if (ofJob !== undefined && jobId !== ofJob) {
    return `The record is about the job ${quote(jobId)}, its stream about "${ofJob}"`;
  }
  switch (place.kind) {
    case "run":
    case "pipeline":
      return scope === place.kind ? undefined : `"${code}" does not belong in the ${place.kind}'s stream`;
    case "job":
      return scope === "job" && section === undefined
        ? undefined
        : `"${code}" as section or step does not belong in the job's stream`;
    case "mirror":
      return isMirrorable(json) ? undefined : `"${code}" is not mirrored here`;
    case "step":
      return scope === "step" && step === place.step
        ? undefined
        : `"${code}" with step ${quote(step)} does not belong in the stream of step ${place.step}`;
    case "section":
      return scope === "job" && section === place.section
        ? undefined
        : `"${code}" with section ${quote(section)} does not belong in the stream of section "${place.section}"`;
    case "unknown":
      return NO_STREAM;
    default:
      return unreachable(place);
  }
}
