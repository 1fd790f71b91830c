import {
  unreachable,
  type JobPhaseCode,
  type PhaseCode,
  type PhaseFinishEvent,
  type SectionName,
} from "@loom/core";
import { executionStreamPath, streamPath, type FailingUnit } from "@loom/record";
import type { JobFailure } from "./job-record.ts";

/** The section that represents a phase in which no section itself failed. */
const SECTION_OF_PHASE: { readonly [C in JobPhaseCode]: SectionName | "execution" } = {
  "job.provider_prepare": "provider",
  "job.cache_restore": "cache_restore",
  "job.artifact_restore": "artifact_extract",
  "job.execution": "execution",
  "job.artifact_save": "artifact_save",
  "job.cache_save": "cache_save",
  "job.cleanup": "cleanup",
};

/** What the documents of a job say of the unit that made it fail. */
export function jobFailure({ stream, end, error }: FailingUnit): JobFailure {
  const why = { ...(error !== undefined && { error }), eventsPath: eventsPathOf(stream, end) };
  switch (stream.kind) {
    case "step":
      return {
        section: "execution",
        step: stream.step,
        ...(end.exit_code !== undefined && { exitCode: end.exit_code }),
        ...why,
      };
    case "section":
      return { section: stream.section, ...why };
    case "job": {
      const section = sectionOf(end.phase_code);
      return { ...(section !== undefined && { section }), ...why };
    }
    default:
      return unreachable(stream);
  }
}

function sectionOf(phase: PhaseCode): SectionName | "execution" | undefined {
  return phase in SECTION_OF_PHASE ? SECTION_OF_PHASE[phase as JobPhaseCode] : undefined;
}

/** The mirror of the steps stands for an execution that failed without one of them. */
function eventsPathOf(stream: FailingUnit["stream"], { phase_code: phase }: PhaseFinishEvent): string {
  const isExecution = stream.kind === "job" && phase === "job.execution";
  return isExecution ? executionStreamPath(stream.jobId) : streamPath(stream);
}
