import type { ErrorCode, ForeignCode } from "@loom/core";
import * as z from "zod";
import { FAILURE_MEANINGS, type Explanation, type RunningWork } from "./explanation.ts";

const count = z.int().min(0);
const someCode = z.string() as unknown as z.ZodType<ErrorCode | ForeignCode>;
const names = z.array(z.string());

const limitSchema = z.object({ of: z.enum(["job", "step"]), ms: count });

const errorSchema = z.object({
  tool: z.string(),
  message: z.string(),
  file: z.string().exactOptional(),
  line: count.exactOptional(),
  column: count.exactOptional(),
  code: z.string().exactOptional(),
  test: z.string().exactOptional(),
  severity: z.literal("warning").exactOptional(),
});

/** A zod schema of {@link Explanation}, with those of its fields: what says a part of it says that in the same way. */
export type ExplanationSchema = z.ZodType<Explanation> & {
  readonly shape: { readonly [K in Exclude<keyof Explanation, "running">]-?: z.ZodType } & {
    readonly running: z.ZodExactOptional<z.ZodArray<z.ZodType<RunningWork>>>;
  };
};

/** The zod schema of {@link Explanation}. */
export const explanationSchema: ExplanationSchema = z.object({
  schema_version: z.literal("v1"),
  kind: z.literal("loom-explanation"),
  run_id: z.string(),
  run_dir: z.string(),
  outcome: z.enum(["success", "failure", "cancelled", "interrupted", "running", "unfinished"]),
  exit_code: z.int().min(0).max(255).exactOptional(),
  summary: z.string(),
  started_at: z.string().exactOptional(),
  duration_ms: count.exactOptional(),
  job_counts: z
    .looseObject({ total: count, success: count, failed: count, skipped: count, cancelled: count })
    .exactOptional(),
  failure: z
    .object({
      unit: z.enum(["step", "section", "job", "run"]),
      job_id: z.string().exactOptional(),
      stage: z.string().exactOptional(),
      step: z.int().min(1).exactOptional(),
      steps_total: count.exactOptional(),
      section: z.string().exactOptional(),
      command: z.string().exactOptional(),
      name: z.string().exactOptional(),
      exit_code: z.int().min(0).max(255).exactOptional(),
      signal: z.string().exactOptional(),
      error: z.object({ code: someCode, message: z.string() }).exactOptional(),
      limit: limitSchema.exactOptional(),
      meaning: z.object({ code: z.enum(FAILURE_MEANINGS), message: z.string() }).exactOptional(),
      left_out: z.object({ folder: z.string(), path: z.string(), message: z.string() }).exactOptional(),
      attempts: count.exactOptional(),
      duration_ms: count.exactOptional(),
    })
    .exactOptional(),
  errors: z.array(errorSchema),
  errors_total: count,
  lines: names,
  lines_total: count,
  lines_read: count,
  blocked: names,
  blocked_total: count,
  other_failures: z.array(
    z.object({
      job_id: z.string(),
      exit_code: z.int().min(0).max(255).exactOptional(),
      blocking: z.boolean(),
      step: z.int().min(1).exactOptional(),
      command: z.string().exactOptional(),
      name: z.string().exactOptional(),
      limit: limitSchema.exactOptional(),
      error: errorSchema.exactOptional(),
    }),
  ),
  other_failures_total: count,
  stopped: names,
  stopped_total: count,
  running: z
    .array(
      z.object({
        job_id: z.string(),
        step: z.int().min(1).exactOptional(),
        command: z.string().exactOptional(),
        name: z.string().exactOptional(),
        last_line: z.string().exactOptional(),
        silent_ms: count.exactOptional(),
      }),
    )
    .exactOptional(),
  changed: z
    .object({
      since_run_id: z.string().exactOptional(),
      commits: z.array(z.object({ sha: z.string(), subject: z.string() })),
      commits_total: count,
      files: names,
      files_total: count,
      files_in_errors: names,
      left_out_jobs: names,
      sentence: z.string(),
    })
    .exactOptional(),
  seen_before: z
    .object({
      runs: z.array(z.object({ run_id: z.string(), started_at: z.string() })),
      compared: count,
    })
    .exactOptional(),
  critical_path: z.array(z.object({ job_id: z.string(), duration_ms: count })).exactOptional(),
  open: names,
  open_bytes: z.array(z.int().min(-1)),
  next: names,
  notes: names,
  truncated: z.boolean(),
});
