import { PHASES, SECTION_PHASES, unreachable, type PhaseFields, type StreamRef } from "@loom/core";
import type { Complain, SimulationRun } from "../simulated-run.ts";

/** docs/contract.md#the-lifecycle: numbers without a gap, one finish for every start, everything inside its parent. */
export function checkEnvelope(run: SimulationRun, complain: Complain): void {
  const open = new Map<string, number>();
  const seen = new Set<string>();
  const isOver = run.ending.kind === "finished";
  for (const [index, { stream, record }] of run.records.entries()) {
    if (record.seq !== index + 1)
      return complain("seq counts every record once, in order", `record ${index + 1} has seq ${record.seq}`);
    if (seen.has("run.finalize"))
      complain("run.finalize is last", `record ${record.seq} comes after its finish`);
    const parents = parentsOf(
      stream,
      record.event === "phase_start" || record.event === "phase_finish" ? record : undefined,
    );
    for (const parent of parents) {
      if (!open.has(parent))
        complain("everything is inside its parent", `record ${record.seq} is outside ${parent}`);
    }
    if (record.event !== "phase_start" && record.event !== "phase_finish") continue;
    const key = keyOf(record);
    if (record.event === "phase_start") {
      if (open.has(key))
        complain("every start has one finish", `${key} starts again in record ${record.seq}`);
      if (seen.has(key) && !isRepeatable(record))
        complain("a phase comes once", `${key} starts again in record ${record.seq}`);
      open.set(key, record.seq);
      continue;
    }
    if (!open.delete(key))
      complain("every start has one finish", `${key} ends in record ${record.seq} without a start`);
    seen.add(key);
    for (const child of open.keys()) {
      if (isChild(child, key))
        complain("everything is inside its parent", `${child} is open when ${key} ends`);
    }
    if (record.duration_ms < 0 || !Number.isInteger(record.duration_ms))
      complain("durations are whole and not negative", `${key} took ${record.duration_ms} ms`);
  }
  if (!isOver) return undefined;
  for (const [key, seq] of open)
    complain("every start has one finish", `${key}, started in record ${seq}, never ends`);
  for (const code of ["run.bootstrap", "run.pipeline_execute", "pipeline.execute", "run.finalize"]) {
    if (!seen.has(code)) complain("the envelope is whole", `${code} is missing`);
  }
  return undefined;
}

function keyOf(record: PhaseFields): string {
  const { phase_code: code, job_id: job, section, step, attempt } = record;
  if (job === undefined) return code;
  const of = `${job}#${code === "job.cleanup" ? 1 : (attempt ?? 1)}`;
  if (step !== undefined) return `${of} step ${step}`;
  return section === undefined ? `${of} ${code}` : `${of} ${code} section ${section}`;
}

/** A section can occur once per phase; everything else once per attempt. */
function isRepeatable(record: PhaseFields): boolean {
  return record.section !== undefined && SECTION_PHASES[record.section] !== record.phase_code;
}

/** The phases that must be open for a record. */
function parentsOf(stream: StreamRef, boundary: PhaseFields | undefined): readonly string[] {
  switch (stream.kind) {
    case "run":
      return [];
    case "pipeline":
      return boundary === undefined ? ["pipeline.execute"] : ["run.pipeline_execute"];
    case "job":
      return ["pipeline.execute"];
    case "section":
    case "step": {
      if (boundary?.job_id === undefined) return ["pipeline.execute"];
      const attempt = boundary.phase_code === "job.cleanup" ? 1 : (boundary.attempt ?? 1);
      const parent = boundary.step === undefined ? boundary.phase_code : "job.execution";
      if (PHASES[boundary.phase_code].scope === "run") return [];
      return ["pipeline.execute", `${boundary.job_id}#${attempt} ${parent}`];
    }
    default:
      return unreachable(stream);
  }
}

function isChild(child: string, parent: string): boolean {
  if (parent === "pipeline.execute" || parent === "run.pipeline_execute")
    return child.includes("#") || (parent === "run.pipeline_execute" && child === "pipeline.execute");
  if (!parent.includes("#")) return false;
  const execution = parent.endsWith(" job.execution") ? parent.slice(0, -"job.execution".length) : undefined;
  return child.startsWith(`${parent} `) || (execution !== undefined && child.startsWith(`${execution}step `));
}
