import * as z from "zod";
import { unreachable, type LoomEvent } from "@loom/core";
import { JOB_STATE, LOG, OUTPUT, PHASE_FINISH, PHASE_START } from "../codec/event-shapes.ts";
import { JOB_MANIFEST, type JobManifest } from "../documents/job-manifest.ts";
import { JOB_SUMMARY, type JobSummary } from "../documents/job-summary.ts";
import { PIPELINE_MANIFEST, type PipelineManifest } from "../documents/pipeline-manifest.ts";
import { PIPELINE_SUMMARY, type PipelineSummary } from "../documents/pipeline-summary.ts";
import { RECEIPT, type Receipt } from "../documents/receipt.ts";
import { RUN_SUMMARY, type RunSummary } from "../documents/run-summary.ts";
import { SECTION_SUMMARY, type SectionSummary } from "../documents/section-summary.ts";
import { STEP_SUMMARY, type StepSummary } from "../documents/step-summary.ts";
import type { Shape, ShapeNode } from "../shape/shape.ts";

/** The zod schemas of everything on disk. */
export interface ArtifactSchemas {
  /** One of several; `options` are the schemas of each. */
  readonly event: z.ZodType<LoomEvent> & { readonly options: readonly z.ZodType<LoomEvent>[] };
  readonly runSummary: z.ZodType<RunSummary>;
  readonly pipelineSummary: z.ZodType<PipelineSummary>;
  readonly pipelineManifest: z.ZodType<PipelineManifest>;
  readonly jobSummary: z.ZodType<JobSummary>;
  readonly jobManifest: z.ZodType<JobManifest>;
  readonly stepSummary: z.ZodType<StepSummary>;
  readonly sectionSummary: z.ZodType<SectionSummary>;
  readonly receipt: z.ZodType<Receipt>;
}

/** The schemas, made from the shapes that the readers check by, so that the two cannot disagree. */
export const artifactSchemas: ArtifactSchemas = {
  event: z.union([
    schemaOf(PHASE_START),
    schemaOf(PHASE_FINISH),
    schemaOf(JOB_STATE),
    schemaOf(LOG),
    schemaOf(OUTPUT),
  ]),
  runSummary: schemaOf(RUN_SUMMARY),
  pipelineSummary: schemaOf(PIPELINE_SUMMARY),
  pipelineManifest: schemaOf(PIPELINE_MANIFEST),
  jobSummary: schemaOf(JOB_SUMMARY),
  jobManifest: schemaOf(JOB_MANIFEST),
  stepSummary: schemaOf(STEP_SUMMARY),
  sectionSummary: schemaOf(SECTION_SUMMARY),
  receipt: schemaOf(RECEIPT),
};

function schemaOf<T>(shape: Shape<T>): z.ZodType<T> {
  return nodeSchema(shape.node) as z.ZodType<T>;
}

function nodeSchema(node: ShapeNode): z.ZodType {
  switch (node.kind) {
    case "text":
      return z.string();
    case "flag":
      return z.boolean();
    case "whole":
      return z.int().min(node.min).max(node.max);
    case "words":
      return z.literal([...node.words]);
    case "list":
      return z.array(nodeSchema(node.item));
    case "fields":
      return fieldsSchema(node);
    case "anything":
      return z.unknown();
    case "fact":
      return fact();
    default:
      return unreachable(node);
  }
}

function fieldsSchema(node: ShapeNode & { readonly kind: "fields" }): z.ZodType {
  const shape = Object.fromEntries(
    node.fields.map(({ name, optional, node: field }) => {
      const schema = nodeSchema(field);
      return [name, optional ? schema.optional() : schema];
    }),
  );
  return node.rest === undefined ? z.looseObject(shape) : z.object(shape).catchall(nodeSchema(node.rest));
}

function fact(): z.ZodType {
  const value: z.ZodType = z.lazy(() =>
    z.union([z.string(), z.number(), z.boolean(), z.array(value), z.record(z.string(), value)]),
  );
  return value;
}
