import { loadSchemas } from "@loom/artifacts";
import { PHASE_STATUSES, RUN_STATUSES, SKIP_REASONS, WHENS, LOG_LEVELS, OUTPUT_STREAMS } from "@loom/core";
import { loadExplanationSchema } from "@loom/diagnosis";
import * as z from "zod";
import { CHECK_STATES } from "../doctor/doctor-finding.ts";
import { RUN_LIST_STATUSES } from "../run-list-statuses.ts";
import { phaseReportSchema } from "./phase-report-schema.ts";
import type { SchemaName } from "./schema-names.ts";

const count = z.int().min(0);
const exitCode = z.int().min(0).max(255);
const names = z.array(z.string());
const share = z.number().min(0).max(1);
const skipReason = z.enum(SKIP_REASONS);

/** An object of `--json`, with what all of them begin with. */
function output<S extends z.ZodRawShape>(kind: string, shape: S): z.ZodType {
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

const checkReceipt = output("loom-check", {
  loom_version: z.string(),
  command: names,
  exit_code: exitCode,
  status: z.enum(["success", "failure"]),
  workflow_schema_v1: z.object({
    workflow_path: z.string(),
    valid: z.boolean(),
    errors: z.array(
      problem.pick({ code: true, file: true, line: true, column: true, path: true, message: true }),
    ),
  }),
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
      status: z.enum(RUN_LIST_STATUSES),
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

const config = output("loom-config", {
  settings: z.array(z.object({ name: z.string(), value: z.string(), source: z.string() })),
  files: z.array(z.object({ path: z.string(), exists: z.boolean() })),
});

const doctor = output("loom-doctor", {
  loom_version: z.string(),
  works: z.boolean(),
  checks: z.array(
    z.object({
      name: z.string(),
      subject: z.string().optional(),
      state: z.enum(CHECK_STATES),
      found: z.string(),
      advice: z.string().optional(),
    }),
  ),
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

const commit = z.object({ sha: z.string(), subject: z.string(), author: z.string(), date: z.string() });

function bisect(explanation: z.ZodType): z.ZodType {
  return output("loom-bisect", {
    job_id: z.string(),
    good: z.string(),
    bad: z.string(),
    commits: count,
    outcome: z.enum(["found", "undecided"]),
    first_bad: commit.optional(),
    suspects: z.array(commit).optional(),
    diff_stat: names.optional(),
    runs: count,
    tries: z.array(
      z.object({
        sha: z.string(),
        verdict: z.enum(["good", "bad", "skipped"]),
        reason: z.string().optional(),
        run_id: z.string().optional(),
      }),
    ),
    explanation: explanation.optional(),
  });
}

const flakyJob = z.object({
  job_id: z.string(),
  passed: count,
  failed: count,
  rate: share,
  trees: count,
  last_failed_in: z.string(),
});

const flaky = output("loom-flaky", {
  runs: count,
  unknown_trees: count,
  jobs: z.array(flakyJob),
  tests: z.array(flakyJob.extend({ name: z.string(), suite: z.string().optional() })),
});

const flakyRerun = output("loom-flaky-measure", {
  job_id: z.string(),
  passed: count,
  failed: count,
  rate: share,
  failed_in: names,
});

const namedCache = z.object({ key: z.string(), scope: z.string(), paths: names });

const cacheList = output("loom-cache-list", {
  directory: z.string(),
  max_bytes: count,
  bytes: count,
  caches: z.array(
    namedCache.extend({
      bytes: count,
      content_bytes: count,
      files: count,
      saved_at: z.string(),
      last_used_at: z.string(),
      quarantined: z.boolean(),
    }),
  ),
});

const cachePrune = output("loom-cache-prune", {
  removed: z.array(namedCache),
  freed_bytes: count,
  bytes: count,
  max_bytes: count,
});

const cacheClear = output("loom-cache-clear", { removed: z.array(namedCache), freed_bytes: count });

const clean = output("loom-clean", {
  runs: z
    .object({
      removed: names,
      in_use: z.array(z.object({ run_id: z.string(), owner: z.enum(["alive", "unknown"]) })),
      freed_bytes: count,
    })
    .optional(),
  check_receipts: z.object({ removed: names, freed_bytes: count }).optional(),
  snapshots: z.object({ removed: names, in_use: names, freed_bytes: count }).optional(),
  engine: z.object({ containers: count, volumes: count, networks: count, images: count }).optional(),
  failed: z.array(z.object({ code: z.string(), message: z.string() })),
});

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

/** A line of `loom run --json`: the records of all streams, each with what the name of its stream tells, and the lines at the end. */
function runLine(events: readonly z.ZodType[], explanation: z.ZodType): z.ZodType {
  const place = {
    job_id: z.string().optional(),
    step: z.int().min(1).optional(),
    section: z.string().optional(),
  };
  return z.union([
    ...events.map((event) =>
      event instanceof z.ZodObject && "stream" in event.shape ? event.extend(place) : event,
    ),
    z.object({ event: z.literal("explanation"), explanation }),
    z.object({
      event: z.literal("receipt"),
      path: z.string().optional(),
      status: z.enum(RUN_STATUSES),
      exit_code: exitCode,
    }),
  ]);
}

/** The schemas of all that {@link SchemaName} names. Those of run documents and of explanations are of the packages that write them. */
export async function loadOutputSchemas(): Promise<{ readonly [N in SchemaName]: z.ZodType }> {
  const documents = await loadSchemas();
  const explanation = await loadExplanationSchema();
  const { running, failure, errors, errors_total, lines, lines_total, lines_read } = explanation.shape;
  const { changed, seen_before, open, open_bytes, next, notes } = explanation.shape;
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
  return {
    event: documents.event,
    receipt: documents.receipt,
    "run-summary": documents.runSummary,
    "pipeline-summary": documents.pipelineSummary,
    "pipeline-manifest": documents.pipelineManifest,
    "job-summary": documents.jobSummary,
    "job-manifest": documents.jobManifest,
    "step-summary": documents.stepSummary,
    "section-summary": documents.sectionSummary,
    "phase-report": phaseReportSchema,
    "check-receipt": checkReceipt,
    check: output("loom-check-problems", { valid: z.boolean(), problems: z.array(problem) }),
    import: output("loom-import", {
      from: z.enum(["gitlab", "github"]),
      workflow_path: z.string(),
      jobs: names,
      gaps: z.array(problem.pick({ file: true, line: true, message: true })),
    }),
    run: runLine(documents.event.options, explanation),
    plan,
    runs,
    show: output("loom-run", { run: documents.pipelineManifest }),
    "run-state": runState,
    explain: explanation,
    "explain-job": output("loom-job-explanation", { run_id: z.string(), ...job }),
    "explain-jobs": output("loom-job-explanations", {
      run_id: z.string(),
      job: z.string(),
      jobs: z.array(z.object(job)),
    }),
    "explain-all": output("loom-failures", {
      run_id: z.string(),
      failures: z.array(z.object(job)),
      failures_total: count,
    }),
    logs: logLine,
    config,
    doctor,
    diff,
    bisect: bisect(explanation),
    flaky,
    "flaky-rerun": flakyRerun,
    "cache-list": cacheList,
    "cache-prune": cachePrune,
    "cache-clear": cacheClear,
    clean,
  };
}
