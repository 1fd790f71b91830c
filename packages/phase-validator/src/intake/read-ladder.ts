import { jobId as asJobId } from "@loom/core";
import {
  splitJobPath,
  stepDirectory,
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
} from "@loom/record";
import { jobFacts, type Pointer, type JudgedRun, type SkipClaim } from "./run-facts.ts";
import { objectsOf } from "./json-lists.ts";

type Json = { readonly [key: string]: unknown };

/**
 * Notes where a document points, what it lists, and what it says of failures,
 * to be held against the files that there are.
 *
 * The layout of a run says where each unit has its files, so a pointer that
 * names anything else is wrong, wherever it leads.
 *
 * @param path - Relative to the run's directory, with `/`; other paths than those of documents point nowhere.
 */
export function readLadder(run: JudgedRun, path: string, json: Json): void {
  if (path === "summary.json") return readRunSummary(run, path, json);
  if (path === PIPELINE_SUMMARY_PATH)
    return point(run, {
      path,
      field: "manifest_path",
      value: json["manifest_path"],
      target: PIPELINE_MANIFEST_PATH,
    });
  if (path === PIPELINE_MANIFEST_PATH) return readRoster(run, path, json);
  const inJob = splitJobPath(path);
  if (inJob === undefined) return undefined;
  const { jobId, rest, attempt } = inJob;
  if (attempt === undefined && rest === "summary.json") {
    const pointer = { path, field: "manifest_path", value: json["manifest_path"], jobId };
    return point(run, { ...pointer, target: `jobs/${jobId}/manifest.json` });
  }
  if (attempt === undefined && rest === "manifest.json") return readManifest(run, { path, jobId }, json);
  const unit = /(?:^|\/)(?:script\/(\d{2,6})|(?:script|system)\/[^/]+)\/summary\.json$/.exec(rest);
  if (unit === null) return undefined;
  const target = path.replace(/summary\.json$/, "events.jsonl");
  point(run, { path, field: "events_path", value: json["events_path"], target, jobId });
  const [, step] = unit;
  if (step === undefined) return undefined;
  const { command, output_lines: outputLines } = json;
  run.stepClaims.push({ path, jobId, step: Number(step), command, outputLines, streamPath: target });
  return undefined;
}

function point(run: JudgedRun, pointer: Pointer): void {
  run.pointers.push(pointer);
}

function readRunSummary(run: JudgedRun, path: string, json: Json): void {
  const targets = {
    events_path: "events.jsonl",
    pipeline_summary_path: PIPELINE_SUMMARY_PATH,
    pipeline_manifest_path: PIPELINE_MANIFEST_PATH,
    phase_report_path: PHASE_REPORT_PATH,
  };
  for (const [field, target] of Object.entries(targets))
    point(run, { path, field, value: json[field], target });
}

function readRoster(run: JudgedRun, path: string, json: Json): void {
  point(run, { path, field: "events_path", value: json["events_path"], target: "pipeline/events.jsonl" });
  const { failing_job_id: failing } = json;
  if (typeof failing === "string") {
    const [field, target] = ["failing_job_manifest_path", `jobs/${failing}/manifest.json`];
    point(run, { path, field, value: json[field], target, jobId: failing });
  }
  const jobIds = new Set<string>();
  for (const [index, job] of objectsOf(json["jobs"]).entries()) {
    const { job_id: jobId } = job;
    if (typeof jobId !== "string") continue;
    jobIds.add(jobId);
    for (const name of ["summary.json", "manifest.json", "events.jsonl"]) {
      const word = `${name.slice(0, name.indexOf("."))}_path`;
      const pointer = { path, field: `jobs[${index}].${word}`, value: job[word], jobId };
      point(run, { ...pointer, target: `jobs/${jobId}/${name}` });
    }
    run.skipClaims.push(skipClaim({ path, jobId }, job));
  }
  run.pipelineClaims.roster = { path, jobIds };
}

function readManifest(
  run: JudgedRun,
  at: { readonly path: string; readonly jobId: string },
  json: Json,
): void {
  const { path, jobId } = at;
  const directory = `jobs/${jobId}/`;
  point(run, { ...at, field: "events_path", value: json["events_path"], target: `${directory}events.jsonl` });
  const steps = new Map<number, unknown>();
  for (const [index, item] of objectsOf(json["steps"]).entries()) {
    const { step, command, output_lines: outputLines } = item;
    if (typeof step !== "number") continue;
    const { kept_from_attempt: keptFrom } = item;
    steps.set(step, keptFrom);
    const base = stepDirectory(asJobId(jobId), step, typeof keptFrom === "number" ? keptFrom : undefined);
    const claim = { path, jobId, step, command, outputLines };
    // An entry that was never reached has no files.
    const isUnreached = item["summary_path"] === undefined && item["events_path"] === undefined;
    run.stepClaims.push(isUnreached ? claim : { ...claim, streamPath: `${base}events.jsonl` });
    if (!isUnreached) pointAtUnit(run, { ...at, item, field: `steps[${index}]`, base });
  }
  const sections = new Set<string>();
  for (const [index, item] of objectsOf(json["system_sections"]).entries()) {
    const { section } = item;
    if (typeof section !== "string") continue;
    sections.add(section);
    pointAtUnit(run, {
      ...at,
      item,
      field: `system_sections[${index}]`,
      base: `${directory}system/${section}/`,
    });
  }
  run.skipClaims.push(skipClaim(at, json));
  jobFacts(run, jobId).manifest = {
    path,
    failingSection: json["failing_section"],
    failingStep: json["failing_step"],
    failingStepEventsPath: json["failing_step_events_path"],
    failingEventsPath: json["failing_events_path"],
    steps,
    sections,
  };
}

function skipClaim(at: Pick<SkipClaim, "path" | "jobId">, json: Json): SkipClaim {
  const { skip_reason: reason, blocked_by: blockedBy, kept_from: keptFrom } = json;
  return { ...at, reason, blockedBy, keptFrom };
}

function pointAtUnit(
  run: JudgedRun,
  at: {
    readonly path: string;
    readonly jobId: string;
    readonly item: Json;
    readonly field: string;
    readonly base: string;
  },
): void {
  const { path, jobId, item, field, base } = at;
  for (const [word, name] of [
    ["summary_path", "summary.json"],
    ["events_path", "events.jsonl"],
  ] as const)
    point(run, { path, jobId, field: `${field}.${word}`, value: item[word], target: base + name });
}
