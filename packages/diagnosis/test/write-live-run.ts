// Writes the streams of a run as a recorder does, in small pieces, with three attempts at one job.
import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

const directory = process.argv[2] ?? "";
const execution = join(directory, "jobs/build/user/execution");
let seq = 0;
const ts = "2026-01-01T00:00:00.000Z";
const stamp = (fields: object): string => `${JSON.stringify({ seq: (seq += 1), ts, ...fields })}\n`;
const phase = (event: string, code: string, more: object): string =>
  stamp({
    event,
    schema_version: "loom.runtime.logs.v2",
    run_id: "loom-run-local-7",
    pipeline_id: "loom-local-7",
    scope: code.startsWith("run") ? "run" : "step",
    phase_code: code,
    phase_family: code.startsWith("run") ? "finalize" : "step",
    ...more,
  });
const state = (from: string, to: string): void =>
  appendFileSync(
    join(directory, "pipeline/events.jsonl"),
    stamp({ event: "job_state", job_id: "build", from, to }),
  );

state("pending", "ready");
state("ready", "running");
for (let attempt = 1; attempt <= 3; attempt += 1) {
  if (attempt > 1) {
    mkdirSync(join(execution, `attempts/${attempt - 1}`), { recursive: true });
    renameSync(join(execution, "script"), join(execution, `attempts/${attempt - 1}/script`));
  }
  const path = join(execution, "script/01/events.jsonl");
  mkdirSync(join(execution, "script/01"), { recursive: true });
  appendFileSync(path, phase("phase_start", "step.script", { job_id: "build", step: 1 }));
  for (let index = 0; index < 400; index += 1) {
    const line = stamp({ event: "output", stream: "stdout", text: `${attempt}.${index}` });
    // Some lines reach the disk in two pieces.
    const cut = index % 7 === 0 ? Math.floor(line.length / 2) : line.length;
    appendFileSync(path, line.slice(0, cut));
    if (cut < line.length) appendFileSync(path, line.slice(cut));
    if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  appendFileSync(
    path,
    phase("phase_finish", "step.script", {
      job_id: "build",
      step: 1,
      status: "success",
      duration_ms: 1,
      exit_code: 0,
    }),
  );
}
state("running", "success");
appendFileSync(
  join(directory, "events.jsonl"),
  phase("phase_finish", "run.finalize", { status: "success", duration_ms: 1 }),
);
