import { loadSchemas } from "@loom/artifacts";
import { RUN_STATUSES } from "@loom/core";
import { diagnosisSchemas } from "@loom/diagnosis/schemas";
import * as z from "zod";
import { CHECK_STATES } from "../doctor/doctor-finding.ts";
import { phaseReportSchema } from "./phase-report-schema.ts";
import type { SchemaName } from "./schema-names.ts";

const count = z.int().min(0);
const exitCode = z.int().min(0).max(255);
const names = z.array(z.string());
const share = z.number().min(0).max(1);

/** An object of `--json`, with what all of them begin with. */
function output<S extends z.ZodRawShape>(kind: string, shape: S): z.ZodType {
  return z.object({ schema_version: z.literal("v1"), kind: z.literal(kind), ...shape });
}

function checkReceipt(problem: z.ZodObject): z.ZodType {
  return output("loom-check", {
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
}

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

const workers = output("loom-workers", {
  workers: z.array(
    z.object({
      name: z.string(),
      host: z.string(),
      pools: names,
      slots: z.int().min(1),
      labels: z.record(z.string(), z.string()),
      version: z.string(),
      contract: count,
      leaving: z.boolean(),
      running: z.array(z.object({ run_id: z.string(), job_id: z.string(), attempt: z.int().min(1) })),
    }),
  ),
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
    z.object({
      event: z.literal("job_paused"),
      job_id: z.string(),
      step: z.int().min(1),
      commands: z.record(z.string(), z.string()),
    }),
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
  const { explanation, problem } = diagnosisSchemas;
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
    "check-receipt": checkReceipt(problem),
    check: output("loom-check-problems", { valid: z.boolean(), problems: z.array(problem) }),
    import: output("loom-import", {
      from: z.enum(["gitlab", "github"]),
      workflow_path: z.string(),
      jobs: names,
      gaps: z.array(problem.pick({ file: true, line: true, message: true })),
    }),
    run: runLine(documents.event.options, explanation),
    plan: diagnosisSchemas.plan,
    runs: diagnosisSchemas.runs,
    show: output("loom-run", { run: documents.pipelineManifest }),
    "run-state": diagnosisSchemas.runState,
    explain: explanation,
    "explain-job": diagnosisSchemas.explainJob,
    "explain-jobs": diagnosisSchemas.explainJobs,
    "explain-all": diagnosisSchemas.explainAll,
    logs: diagnosisSchemas.logLine,
    config,
    doctor,
    diff: diagnosisSchemas.diff,
    bisect: bisect(explanation),
    flaky,
    "flaky-rerun": flakyRerun,
    "cache-list": cacheList,
    "cache-prune": cachePrune,
    "cache-clear": cacheClear,
    clean,
    workers,
  };
}
