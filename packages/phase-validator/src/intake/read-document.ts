import { splitJobPath, PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH } from "@loom/record";
import { jobFacts, type Claim, type JudgedRun } from "./run-facts.ts";
import { isObject } from "./is-object.ts";
import { objectsOf, stringsOf } from "./json-lists.ts";
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
  const { jobId, rest, attempt } = inJob;
  const step = /^(?:user\/execution\/)?script\/(\d{2,6})\/summary\.json$/.exec(rest)?.[1];
  if (step !== undefined)
    return claimExit(run, json, { about: "step", path, jobId, step: Number(step), attempt });
  const section = /^system\/([^/]+)\/summary\.json$/.exec(rest)?.[1];
  if (section !== undefined) return claim(run, json, { about: "section", path, jobId, section, attempt });
  if (attempt !== undefined) return undefined;
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
  for (const { jobId, job } of namedJobs(isObject(executor) ? executor["jobs"] : undefined)) {
    claimExit(run, job, { about: "job", path, jobId });
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
  for (const { jobId, job } of namedJobs(json["jobs"])) {
    noteBlocking(run, jobId, job);
    claimExit(run, job, { about: "job", path, jobId });
  }
  const first = json["failing_job_id"];
  const listed = stringsOf(json["failed_job_ids"]);
  const agrees = typeof first !== "string" || listed[0] === first;
  const jobIds = agrees ? listed : [first, ...listed.filter((id) => id !== first)];
  run.pipelineClaims.failed = { path, jobIds };
}

/** The entries of a list of jobs, but for those that name none. */
function* namedJobs(list: unknown): Generator<{ readonly jobId: string; readonly job: Json }> {
  for (const job of objectsOf(list)) {
    const { job_id: jobId } = job;
    if (typeof jobId === "string") yield { jobId, job };
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
      const { kept_from_attempt: kept } = step;
      const attempt = typeof kept === "number" ? { attempt: kept } : {};
      claimExit(run, step, { about: "step", ...at, step: step["step"], ...attempt });
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
