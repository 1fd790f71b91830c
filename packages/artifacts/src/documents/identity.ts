import { EVENT_SCHEMA_VERSION, type JobId, type PipelineId, type RunId } from "@loom/core";
import { oneOf, text, type FieldShapes } from "../shape/shape.ts";

/** What every document of a pipeline opens with. */
export interface PipelineIdentity {
  readonly schema_version: typeof EVENT_SCHEMA_VERSION;
  readonly run_id: RunId;
  readonly pipeline_id: PipelineId;
}

/** What every document of a job, step or section opens with. */
export interface JobIdentity extends PipelineIdentity {
  readonly job_id: JobId;
}

/** Shapes of the fields of {@link PipelineIdentity}. */
export const PIPELINE_IDENTITY: FieldShapes<PipelineIdentity> = {
  schema_version: oneOf(EVENT_SCHEMA_VERSION),
  run_id: text<RunId>(),
  pipeline_id: text<PipelineId>(),
};

/** Shapes of the fields of {@link JobIdentity}. */
export const JOB_IDENTITY: FieldShapes<JobIdentity> = { ...PIPELINE_IDENTITY, job_id: text<JobId>() };
