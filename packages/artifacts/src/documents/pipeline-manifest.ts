import type { JobId, PhaseStatus, RunId, RunStatus, SkipReason } from "@loom/core";
import { EXIT_CODE_SHAPE, PHASE_STATUS } from "../codec/event-shapes.ts";
import { fields, flag, listOf, optional, text, whole, type Shape } from "../shape/shape.ts";
import { PIPELINE_IDENTITY, type PipelineIdentity } from "./identity.ts";
import { RUN_STATUS, SKIP_REASON } from "./status-words.ts";

/** The jobs of one stage. */
export interface ManifestStage {
  readonly name: string;
  /** In declaration order; empty for a stage without jobs. */
  readonly job_ids: readonly JobId[];
}

/** One job in the roster. */
export interface ManifestJob {
  readonly job_id: JobId;
  readonly stage: string;
  readonly status: PhaseStatus;
  /** Whether a failure of this job counts against the pipeline: false with `allow_failure`. */
  readonly blocking: boolean;
  readonly needs: readonly JobId[];
  /** Exit code of the failing step; 0 for a success; absent otherwise. */
  readonly exit_code?: number;
  /** Absent for a job that never started. */
  readonly duration_ms?: number;
  readonly skip_reason?: SkipReason;
  readonly blocked_by?: readonly JobId[];
  /** The earlier run in which it succeeded, and whose result it keeps. */
  readonly kept_from?: RunId;
  readonly summary_path: string;
  readonly manifest_path: string;
  readonly events_path: string;
}

/** `pipeline/manifest.json`: which job failed first, and where every job's evidence is. */
export interface PipelineManifest extends PipelineIdentity {
  readonly status: RunStatus;
  /** The blocking failure that finished first. */
  readonly failing_job_id?: JobId;
  readonly failing_job_manifest_path?: string;
  /** All blocking failures, in the order in which they finished. */
  readonly failed_job_ids?: readonly JobId[];
  /** In execution order. */
  readonly stages: readonly ManifestStage[];
  /** In declaration order. */
  readonly jobs: readonly ManifestJob[];
  readonly events_path: string;
}

/** Shape of {@link PipelineManifest}. */
export const PIPELINE_MANIFEST: Shape<PipelineManifest> = fields<PipelineManifest>({
  ...PIPELINE_IDENTITY,
  status: RUN_STATUS,
  failing_job_id: optional(text<JobId>()),
  failing_job_manifest_path: optional(text()),
  failed_job_ids: optional(listOf(text<JobId>())),
  stages: listOf(fields<ManifestStage>({ name: text(), job_ids: listOf(text<JobId>()) })),
  jobs: listOf(
    fields<ManifestJob>({
      job_id: text<JobId>(),
      stage: text(),
      status: PHASE_STATUS,
      blocking: flag(),
      needs: listOf(text<JobId>()),
      exit_code: optional(EXIT_CODE_SHAPE),
      duration_ms: optional(whole()),
      skip_reason: optional(SKIP_REASON),
      blocked_by: optional(listOf(text<JobId>())),
      kept_from: optional(text<RunId>()),
      summary_path: text(),
      manifest_path: text(),
      events_path: text(),
    }),
  ),
  events_path: text(),
});
