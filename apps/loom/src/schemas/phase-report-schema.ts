import { PHASE_STATUSES, SCOPES, type PhaseCode, type PhaseFamily, type SectionName } from "@loom/core";
import type { PhaseReport, Violation } from "@loom/phase-validator";
import * as z from "zod";

const count = z.int().min(0);
const scope = z.enum(SCOPES);
/** Evidence of another version may have other words. */
const word = <W extends string>(): z.ZodType<W> => z.string() as unknown as z.ZodType<W>;

/** The schema of {@link PhaseReport}, whose package has no dependencies. */
export const phaseReportSchema: z.ZodType<PhaseReport> = z.object({
  schema_version: z.literal("v1"),
  kind: z.literal("loom-run-local-phase-report"),
  run_id: z.string(),
  pipeline_id: z.string(),
  status: z.enum(["valid", "invalid"]),
  checked_at: z.string(),
  streams: z.object({ count, events: count, bytes: count }),
  coverage: z.object({
    required: count,
    observed: count,
    missing: z.array(
      z.object({
        scope,
        phase_code: word<PhaseCode>(),
        job_id: z.string().exactOptional(),
        boundary: z.enum(["start", "finish"]),
      }),
    ),
  }),
  phases: z.array(
    z.object({
      scope,
      phase_code: word<PhaseCode>(),
      phase_family: word<PhaseFamily>(),
      job_id: z.string().exactOptional(),
      step: z.int().min(1).exactOptional(),
      section: word<SectionName>().exactOptional(),
      status: z.enum(PHASE_STATUSES).exactOptional(),
      started_at: z.string().exactOptional(),
      finished_at: z.string().exactOptional(),
      duration_ms: count.exactOptional(),
      required: z.boolean(),
      stream_path: z.string(),
    }),
  ),
  violations: z.array(
    z.object({
      code: word<Violation["code"]>(),
      message: z.string(),
      stream_path: z.string(),
      line: count,
      scope,
      phase_code: z.string().exactOptional(),
      job_id: z.string().exactOptional(),
    }),
  ),
});
