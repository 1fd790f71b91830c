import { EVENT_SCHEMA_VERSION, PHASES, type PhaseCode } from "@loom/core";
import { createPhaseValidator } from "@loom/phase-validator";
import { expect, test } from "vitest";
import { brokenRules } from "./broken-rules.ts";

/** The rules that a run breaks whose streams hold these boundaries of phases and nothing else. */
function rulesBrokenBy(boundaries: readonly (readonly ["start" | "finish", PhaseCode])[]): readonly string[] {
  const validator = createPhaseValidator();
  const lines = new Map<string, number>();
  boundaries.forEach(([boundary, code], index) => {
    const path = code === "pipeline.execute" ? "pipeline/events.jsonl" : "events.jsonl";
    const line = (lines.get(path) ?? 0) + 1;
    lines.set(path, line);
    validator.record(path, line, {
      seq: index + 1,
      ts: "2026-01-01T00:00:00.000Z",
      event: `phase_${boundary}`,
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: "loom-run-local-1",
      pipeline_id: "loom-local-1",
      scope: PHASES[code].scope,
      phase_code: code,
      phase_family: PHASES[code].family,
      ...(boundary === "finish" && { status: "success", duration_ms: 0 }),
    });
  });
  return brokenRules(validator.report("2026-01-01T00:00:01.000Z"));
}

test("brokenRules() asks nothing of a run that goes on but what it has begun", () => {
  expect(rulesBrokenBy([["start", "run.bootstrap"]])).toEqual([]);
});

test("brokenRules() names a finish without a start, also in a run that goes on", () => {
  expect(rulesBrokenBy([["finish", "run.bootstrap"]])).toEqual([
    'missing_start events.jsonl:1 "run.bootstrap" has no start',
  ]);
});

test("brokenRules() names all that is missing in a run that is over", () => {
  expect(
    rulesBrokenBy([
      ["start", "run.bootstrap"],
      ["finish", "run.bootstrap"],
      ["start", "run.pipeline_execute"],
      ["start", "run.finalize"],
      ["finish", "run.finalize"],
    ]),
  ).toEqual([
    'missing_finish events.jsonl:3 "run.pipeline_execute" has no finish',
    'missing_finish pipeline/events.jsonl:0 "pipeline.execute" has no finish',
    'missing_start pipeline/events.jsonl:0 "pipeline.execute" has no start',
  ]);
});
