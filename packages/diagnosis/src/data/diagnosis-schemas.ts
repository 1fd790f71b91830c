import {
  LOG_LEVELS,
  OUTPUT_STREAMS,
  PAST_RUN_STATUSES,
  PHASE_STATUSES,
  SKIP_REASONS,
  WHENS,
} from "@loom/core";
import * as z from "zod";
import { explanationSchema } from "../explain/explanation-schema.ts";
import type { DiagnosisSchemas } from "./diagnosis-schemas-type.ts";

const count = z.int().min(0);
const exitCode = z.int().min(0).max(255);
const names = z.array(z.string());
const skipReason = z.enum(SKIP_REASONS);

/** An object of `--json`, with what all of them begin with. */
function output<S extends z.ZodRawShape>(kind: string, shape: S): z.ZodObject {
  return z.object({ schema_version: z.literal("v1"), kind: z.literal(kind), ...shape });
}

const problem = z.object({
  severity: z.enum(["error", "warning"]),
  file: z.string(),
  line: z.int().min(1),
  column: z.int().min(1),
  path: z.string(),
  code: z.string(),
  message: z.string(),
  excerpt: z.object({ text: z.string(), from: count, length: z.int().min(1) }).optional(),
  start_offset: count,
  end_offset: count,
});

const plan = output("loom-plan", {
  repo_root: z.string(),
  workflow_path: z.string(),
  runs: z.boolean(),
  workspace: z.enum(["isolated", "staged", "in_place"]),
  caches: z.boolean(),
  fail_fast: z.boolean(),
  concurrency: z.int().min(1),
  busiest_slots: count,
  order: names,
  critical_path: names,
  estimate: z.object({ duration_ms: count, unlimited_ms: count, guessed_jobs: count }).optional(),
  stages: names,
  jobs: z.array(
    z.object({
      job_id: z.string(),
      stage: z.string(),
      after_stages: names,
      needs: names,
      when: z.enum(WHENS),
      allow_failure: z.boolean(),
      selected: z.boolean(),
      runs: z.boolean(),
      skip_reason: skipReason.optional(),
      kept_from: z.string().optional(),
      provider: z.string().optional(),
      unmet_need: z.string().optional(),
      workspace: z.enum(["own", "shared"]).optional(),
      expected_ms: count.optional(),
      start_ms: count.optional(),
      end_ms: count.optional(),
    }),
  ),
  warnings: z.array(problem),
  notes: names,
});

const runs = output("loom-runs", {
  runs: z.array(
    z.object({
      run_id: z.string(),
      started_at: z.string(),
      status: z.enum(PAST_RUN_STATUSES),
      exit_code: exitCode.optional(),
      duration_ms: count.optional(),
      failing_job_id: z.string().optional(),
      error: z
        .object({ code: z.string().optional(), message: z.string(), job_id: z.string().optional() })
        .optional(),
      logs_dir: z.string().optional(),
      receipt_path: z.string().optional(),
    }),
  ),
});

const logLine = z.object({
  seq: z.int().min(1),
  ts: z.string(),
  job_id: z.string(),
  step: z.int().min(1).optional(),
  attempt: z.int().min(1).optional(),
  section: z.string().optional(),
  stream: z.enum([...OUTPUT_STREAMS, "log"]),
  level: z.enum(LOG_LEVELS).optional(),
  text: z.string(),
  partial: z.literal(true).optional(),
});

const comparedRun = z.object({ run_id: z.string(), status: z.string() });
const comparedResult = z.object({
  status: z.enum([...PHASE_STATUSES, "absent"]),
  exit_code: exitCode.optional(),
  duration_ms: count.optional(),
});

const diff = output("loom-diff", {
  before: comparedRun,
  after: comparedRun,
  commits: z.array(z.object({ sha: z.string(), subject: z.string() })),
  commits_total: count,
  files: names,
  files_total: count,
  uncommitted_before: names.optional(),
  uncommitted_after: names.optional(),
  same_tree: z.boolean().optional(),
  jobs: z.array(
    z.object({
      job_id: z.string(),
      before: comparedResult,
      after: comparedResult,
      fields: names,
      variables: names,
      artifacts: names,
      slower_ms: z.int().optional(),
    }),
  ),
  same: count,
});

const { running, failure, errors, errors_total, lines, lines_total, lines_read } = explanationSchema.shape;
const { changed, seen_before, open, open_bytes, next, notes } = explanationSchema.shape;
const ofFailure = { errors, errors_total, lines, lines_total, lines_read, open, open_bytes, next, notes };
const job = {
  job_id: z.string(),
  fate: z.enum(["ran", "running", "waiting", "skipped", "cancelled", "kept"]),
  summary: z.string(),
  kept_from: z.string().optional(),
  ready_ms: count.optional(),
  started_ms: count.optional(),
  duration_ms: count.optional(),
  waits: z.array(
    z.object({
      kind: z.enum(["need", "stage", "slot"]),
      waited_ms: count,
      job_id: z.string().optional(),
    }),
  ),
  reason: z.string().optional(),
  blocked_by: names,
  running: running.unwrap().element.optional(),
  failure,
  ...z.object(ofFailure).partial().shape,
  changed,
  seen_before,
};

/** A job of a run under way. */
const jobRow = z.object({
  job_id: z.string(),
  stage: z.string(),
  status: z.enum(["pending", "ready", "running", ...PHASE_STATUSES]),
  attempt: count.optional(),
  started_at: z.string().optional(),
  finished_at: z.string().optional(),
  step: z.int().min(1).optional(),
  command: z.string().optional(),
  section: z.string().optional(),
  phase: z.string().optional(),
  paused: z
    .object({ step: z.int().min(1), since: z.string().optional(), until: z.string().optional() })
    .optional(),
  blocking: z.boolean().optional(),
  exit_code: exitCode.optional(),
  signal: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  skip_reason: skipReason.optional(),
  blocked_by: names.optional(),
  kept_from: z.string().optional(),
});

const runState = output("loom-run-state", {
  run_id: z.string().optional(),
  phase: z.enum(["starting", "running", "finalizing", "finished"]),
  started_at: z.string().optional(),
  concurrency: z.int().min(1).optional(),
  counts: z.object({
    total: count,
    pending: count,
    ready: count,
    running: count,
    success: count,
    failed: count,
    failed_allowed: count,
    blocked: count,
    skipped: count,
    not_selected: count,
    kept: count,
    cancelled: count,
  }),
  stages: z.array(z.object({ name: z.string(), job_ids: names })),
  jobs: z.array(jobRow),
});

/** The schemas of what {@link DiagnosisSchemas} names. Writing it does not need them. */
export const diagnosisSchemas: DiagnosisSchemas = {
  explanation: explanationSchema,
  problem,
  plan,
  runs,
  logLine,
  diff,
  runState,
  job: z.object(job),
  explainJob: output("loom-job-explanation", { run_id: z.string(), ...job }),
  explainJobs: output("loom-job-explanations", {
    run_id: z.string(),
    job: z.string(),
    jobs: z.array(z.object(job)),
  }),
  explainAll: output("loom-failures", {
    run_id: z.string(),
    failures: z.array(z.object(job)),
    failures_total: count,
  }),
};
