// Writes the streams of a run as a recorder does, in small pieces, with three attempts at one job.
import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

const ATTEMPTS = 3;
const directory = process.argv[2] ?? "";
const execution = "jobs/build/user/execution";
const script = `${execution}/script/01`;
let seq = 0;

/** Appends one record to a stream; some reach the disk in two pieces. */
function write(stream: string, fields: object, pieces: 1 | 2 = 1): void {
  const ts = "2026-01-01T00:00:00.000Z";
  const line = `${JSON.stringify({ seq: (seq += 1), ts, ...fields })}\n`;
  const cut = Math.floor(line.length / pieces);
  appendFileSync(join(directory, stream), line.slice(0, cut));
  if (cut < line.length) appendFileSync(join(directory, stream), line.slice(cut));
}

/** Writes the start of a phase, and gives what writes its finish. */
function begin(
  stream: string,
  code: string,
  family: string,
  more: object = {},
): (status: string, exitCode?: number) => void {
  const fields = {
    schema_version: "loom.runtime.logs.v2",
    run_id: "loom-run-local-7",
    pipeline_id: "loom-local-7",
    scope: code.slice(0, code.indexOf(".")),
    phase_code: code,
    phase_family: family,
    ...more,
  };
  write(stream, { event: "phase_start", ...fields });
  return (status, exitCode) =>
    write(stream, {
      event: "phase_finish",
      ...fields,
      status,
      duration_ms: 1,
      ...(exitCode !== undefined && { exit_code: exitCode }),
    });
}

function state(from: string, to: string): void {
  write("pipeline/events.jsonl", { event: "job_state", job_id: "build", from, to });
}

begin("events.jsonl", "run.bootstrap", "bootstrap")("success");
const endRunPipeline = begin("events.jsonl", "run.pipeline_execute", "pipeline");
const endPipeline = begin("pipeline/events.jsonl", "pipeline.execute", "pipeline");
state("pending", "ready");
state("ready", "running");
mkdirSync(join(directory, "jobs/build"), { recursive: true });
for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
  const job = { job_id: "build", ...(attempt > 1 && { attempt }) };
  const exitCode = attempt < ATTEMPTS ? 1 : 0;
  const status = exitCode === 0 ? "success" : "failed";
  begin("jobs/build/events.jsonl", "job.provider_prepare", "provider", job)("success");
  const endExecution = begin("jobs/build/events.jsonl", "job.execution", "execution", job);
  if (attempt > 1) {
    const aside = join(directory, execution, `attempts/${attempt - 1}`);
    mkdirSync(aside, { recursive: true });
    renameSync(join(directory, execution, "script"), join(aside, "script"));
  }
  mkdirSync(join(directory, script), { recursive: true });
  const endStep = begin(`${script}/events.jsonl`, "step.script", "step", { ...job, step: 1 });
  for (let index = 0; index < 400; index += 1) {
    const output = { event: "output", stream: "stdout", text: `${attempt}.${index}` };
    write(`${script}/events.jsonl`, output, index % 7 === 0 ? 2 : 1);
    if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  endStep(status, exitCode);
  endExecution(status, exitCode);
}
begin("jobs/build/events.jsonl", "job.cleanup", "cleanup", { job_id: "build" })("success");
state("running", "success");
endPipeline("success");
endRunPipeline("success");
begin("events.jsonl", "run.finalize", "finalize")("success");
