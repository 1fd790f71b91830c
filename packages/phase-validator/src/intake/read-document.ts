import { splitJobPath, PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH } from "@loom/record";
import { jobFacts, type Claim, type JudgedRun } from "./run-facts.ts";
import { isObject } from "./is-object.ts";
import { objectsOf } from "./json-lists.ts";
import { readGateGraph } from "./read-gate-graph.ts";

type Json = { readonly [key: string]: unknown };

/**
 * Notes what a document of a run claims, to be held against the streams later.
 *
 * @param path - Relative to the run's directory, with `/`; a receipt is any
 *   `….json` in a directory `receipts`. Other paths claim nothing.
 */
export function parseDocument(run: JudgedRun, path: string, json: Json): void {
  if (/(?:^|\/)receipts\/[^/]+\.json$/.test(path)) return readReceipt(run, path, json);
  if (path === "summary.json") return claimExit(run, json, { about: "run", path });
  if (path === PIPELINE_SUMMARY_PATH) return readPipelineSummary(run, path, json);
  if (path === PIPELINE_MANIFEST_PATH) return readPipelineManifest(run, path, json);
  const inJob = splitJobPath(path);
  if (inJob === undefined) return undefined;
  const { jobId, rest } = inJob;
  const attempt = inJob.attempt === undefined ? {} : { attempt: inJob.attempt };
  const step = /^(?:user\/execution\/)?script\/(\d{2,6})\/summary\.json$/.exec(rest)?.[1];
  if (step !== undefined)
    return claimExit(run, json, { about: "step", path, jobId, step: Number(step), ...attempt });
  const section = /^system\/([^/]+)\/summary\.json$/.exec(rest)?.[1];
  if (section !== undefined) return claim(run, json, { about: "section", path, jobId, section, ...attempt });
  if (inJob.attempt !== undefined) return undefined;
  if (rest === "summary.json") {
    noteBlocking(run, jobId, json);
    return claimExit(run, json, { about: "job", path, jobId });
  }
  if (rest === "manifest.json") return readJobManifest(run, { path, jobId }, json);
  return undefined;
}

type OmitFromEach<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

type ClaimSubject = OmitFromEach<Claim, "status" | "exit">;

function claim(run: JudgedRun, json: Json, about: ClaimSubject): void {
  run.claims.push({ ...about, status: statusOf(json) });
}

/** The same of something that has an exit code there, which may be an absent one. */
function claimExit(run: JudgedRun, json: Json, about: ClaimSubject): void {
  run.claims.push({ ...about, status: statusOf(json), exit: { code: json["exit_code"] } });
}

function statusOf(json: Json): string {
  return typeof json["status"] === "string" ? json["status"] : "";
}

function readReceipt(run: JudgedRun, path: string, json: Json): void {
  claimExit(run, json, { about: "run", path });
  run.graph ??= readGateGraph(json["graph_ir"]);
  const executor = json["executor_receipt"];
  for (const job of objectsOf(isObject(executor) ? executor["jobs"] : undefined)) {
    if (isString(job["job_id"])) claimExit(run, job, { about: "job", path, jobId: job["job_id"] });
  }
}

function readPipelineSummary(run: JudgedRun, path: string, json: Json): void {
  claimExit(run, json, { about: "run", path });
  const counts = json["job_counts"];
  if (!isObject(counts)) return;
  const byStatus = new Map<string, number>();
  for (const status of ["total", "success", "failed", "skipped", "cancelled"]) {
    const count = counts[status];
    if (typeof count === "number") byStatus.set(status, count);
  }
  run.pipelineClaims.counts = { path, byStatus };
}

function readPipelineManifest(run: JudgedRun, path: string, json: Json): void {
  claim(run, json, { about: "run", path });
  for (const job of objectsOf(json["jobs"])) {
    if (typeof job["job_id"] !== "string") continue;
    const jobId = job["job_id"];
    noteBlocking(run, jobId, job);
    claimExit(run, job, { about: "job", path, jobId });
  }
  const failed = json["failed_job_ids"];
  const first = json["failing_job_id"];
  const listed = Array.isArray(failed) ? (failed as readonly unknown[]).filter(isString) : undefined;
  if (isString(first) && (listed === undefined || listed[0] !== first)) {
    run.pipelineClaims.failed = { path, jobIds: [first, ...(listed ?? []).filter((id) => id !== first)] };
  } else {
    run.pipelineClaims.failed = { path, jobIds: listed ?? [] };
  }
}

function readJobManifest(
  run: JudgedRun,
  at: { readonly path: string; readonly jobId: string },
  json: Json,
): void {
  claim(run, json, { about: "job", ...at });
  for (const step of objectsOf(json["steps"])) {
    if (typeof step["step"] === "number") {
      claimExit(run, step, { about: "step", ...at, step: step["step"] });
    }
  }
  for (const section of objectsOf(json["system_sections"])) {
    if (typeof section["section"] === "string") {
      claim(run, section, { about: "section", ...at, section: section["section"] });
    }
  }
}

function noteBlocking(run: JudgedRun, jobId: string, json: Json): void {
  const job = jobFacts(run, jobId);
  if (typeof json["blocking"] === "boolean") job.documentedBlocking = json["blocking"];
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}
