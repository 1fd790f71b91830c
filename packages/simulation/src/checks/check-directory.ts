import { beginsAttempt } from "../evidence/begins-attempt.ts";
import type { Complain, SimulationRun } from "../simulated-run.ts";
import { judgeImage } from "../evidence/judge-image.ts";
import { checkDocuments, isTemporary, type Json } from "./check-documents.ts";

/**
 * docs/contract.md#documents and docs/contract.md#the-verdict for a finished run: documents and streams agree,
 * and the report says valid.
 */
export function checkDirectory(run: SimulationRun, complain: Complain): void {
  const documents = checkDocuments(run, complain);
  if (run.disk.openCount > 0) complain("every handle is closed", `${run.disk.openCount} are open`);
  if (run.disk.hasRefused) return;
  for (const path of run.image.keys()) {
    if (isTemporary(path)) complain("nothing temporary is left", path);
  }
  const report = judgeImage(run.image, run.receipt);
  for (const { code, message } of report.violations.slice(0, 3))
    complain("the directory is valid", `${code}: ${message}`);
  const own = documents.get("phase-report.json");
  if (own?.["status"] !== report.status)
    complain(
      "the phase report is valid",
      `it says ${String(own?.["status"])}: ${JSON.stringify(own?.["violations"])}`,
    );
  // A stream that was set aside adds to the count; while it is written it has no other name.
  const { count: _count, ...counted } = report.streams;
  const { count: _said, ...said } = (own?.["streams"] ?? {}) as Json;
  if (JSON.stringify(said) !== JSON.stringify(counted))
    complain(
      "the phase report counts the streams",
      `${JSON.stringify(own?.["streams"])} instead of ${JSON.stringify(report.streams)}`,
    );
  checkResultDocuments(run, documents, complain);
  checkJobDocuments(run, documents, complain);
}

function checkResultDocuments(
  run: SimulationRun,
  documents: ReadonlyMap<string, Json>,
  complain: Complain,
): void {
  if (run.ending.kind !== "finished") return;
  const { status, exitCode, failedJobIds, error } = run.ending.result;
  const expected = JSON.stringify([status, exitCode]);
  for (const path of ["summary.json", "pipeline/summary.json", "receipt"]) {
    const document = documents.get(path);
    const said = JSON.stringify([document?.["status"], document?.["exit_code"]]);
    if (said !== expected) complain("documents report the result", `${path}: ${said} instead of ${expected}`);
  }
  const manifest = documents.get("pipeline/manifest.json");
  if (
    JSON.stringify(manifest?.["failed_job_ids"] ?? []) !== JSON.stringify(failedJobIds) ||
    manifest?.["failing_job_id"] !== failedJobIds[0]
  )
    complain(
      "documents report the result",
      `pipeline/manifest.json: ${JSON.stringify(manifest?.["failed_job_ids"])}`,
    );
  const told = documents.get("pipeline/summary.json")?.["error"] as Json | undefined;
  if (told?.["code"] !== error?.code || told?.["job_id"] !== error?.jobId)
    complain("documents report the result", `pipeline/summary.json: ${JSON.stringify(told)}`);
}

/** Checks every job's documents against its last state and its steps. */
function checkJobDocuments(
  run: SimulationRun,
  documents: ReadonlyMap<string, Json>,
  complain: Complain,
): void {
  const listed = documents.get("pipeline/manifest.json")?.["jobs"] as readonly Json[] | undefined;
  const states = new Map(
    run.records.flatMap(({ record }) =>
      record.event === "job_state" ? [[record.job_id, record] as const] : [],
    ),
  );
  for (const [jobId, state] of states) {
    const expected = JSON.stringify([
      state.to,
      state.to === "skipped" ? state.reason : undefined,
      state.to === "skipped" ? state.blocked_by : undefined,
      state.reason === "not_selected" ? run.world.plan.kept?.get(jobId) : undefined,
    ]);
    const inList = listed?.find((job) => job["job_id"] === jobId);
    for (const document of [inList, documents.get(`jobs/${jobId}/manifest.json`)]) {
      const said = JSON.stringify([
        document?.["status"],
        document?.["skip_reason"],
        document?.["blocked_by"],
        document?.["kept_from"],
      ]);
      if (said !== expected)
        complain("documents report the jobs", `job ${jobId}: ${said} instead of ${expected}`);
    }
    const attempts = documents.get(`jobs/${jobId}/summary.json`)?.["attempts"];
    if (attempts !== attemptsOf(run, jobId))
      complain("documents report the jobs", `job ${jobId}: ${String(attempts)} attempts`);
  }
  checkStepDocuments(run, documents, complain);
}

function checkStepDocuments(
  run: SimulationRun,
  documents: ReadonlyMap<string, Json>,
  complain: Complain,
): void {
  for (const witness of run.provider.steps) {
    const { jobId, step, attempt, end } = witness;
    const isLast = attempt === attemptsOf(run, jobId);
    const script = `script/${String(step).padStart(2, "0")}`;
    const directory = `jobs/${jobId}/user/execution/${isLast ? "" : `attempts/${attempt}/`}${script}`;
    const summary = documents.get(`${directory}/summary.json`);
    const printed = run.provider.printed.filter(
      ({ jobId: owner, unit }) =>
        owner === jobId && "step" in unit && unit.step === step && unit.attempt === attempt,
    );
    // A line that was flushed before its process ended has no newline to count.
    const possible: number[] = [];
    let bytes = 0;
    let open = 0;
    let lines = 0;
    for (const { pieces } of printed) {
      const all = Buffer.concat(pieces.map((piece) => piece.bytes));
      const newlines = all.filter((byte) => byte === 0x0a).length;
      const isOpen = all.length > 0 && all.at(-1) !== 0x0a;
      bytes += all.length;
      open += isOpen ? 1 : 0;
      lines += newlines + (isOpen ? 1 : 0);
    }
    const exitCode = end.kind === "exited" ? end.exitCode : undefined;
    for (let newlines = 0; newlines <= open; newlines += 1) possible.push(bytes + newlines);
    const counted = possible.find((count) => count === summary?.["output_bytes"]) ?? bytes;
    const expected = JSON.stringify([exitCode, lines, counted, `${directory}/events.jsonl`]);
    const said = JSON.stringify([
      summary?.["exit_code"],
      summary?.["output_lines"],
      summary?.["output_bytes"],
      summary?.["events_path"],
    ]);
    if (said !== expected)
      complain("documents report the steps", `${directory}: ${said} instead of ${expected}`);
  }
}

function attemptsOf(run: SimulationRun, jobId: string): number {
  return run.records.filter(
    ({ stream, record }) => stream.kind === "job" && stream.jobId === jobId && beginsAttempt(record),
  ).length;
}
