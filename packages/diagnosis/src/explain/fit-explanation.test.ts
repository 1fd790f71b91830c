import { errorCode } from "@loom/core";
import { formatDocument } from "@loom/artifacts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EXPLANATION_BYTES, type Explanation } from "./explanation.ts";
import { fitExplanation } from "./fit-explanation.ts";

/** An explanation with this text wherever one can be, and this many entries in every list. */
function explanationOf(text: string, count: number): Explanation {
  const many = Array.from({ length: count }, (_, index) => `${text}${index}`);
  return {
    schema_version: "v1",
    kind: "loom-explanation",
    run_id: text,
    run_dir: text,
    outcome: "interrupted",
    exit_code: 255,
    summary: text,
    started_at: text,
    duration_ms: Number.MAX_SAFE_INTEGER,
    job_counts: { total: 99_999, success: 99_999, failed: 99_999, skipped: 99_999, cancelled: 99_999 },
    failure: {
      unit: "section",
      job_id: text,
      stage: text,
      step: 99_999,
      steps_total: 99_999,
      section: text,
      command: text,
      exit_code: 255,
      signal: text,
      error: { code: errorCode(text), message: text },
      meaning: { code: "command_not_found", message: text },
      attempts: 99_999,
      duration_ms: Number.MAX_SAFE_INTEGER,
    },
    errors: many.map((message) => ({
      tool: text,
      message,
      file: text,
      line: 999_999_999,
      column: 999_999_999,
      code: text,
      test: text,
    })),
    errors_total: count,
    lines: many,
    lines_read: 1,
    open_bytes: [1, 2, 3],
    lines_total: count,
    blocked: many,
    blocked_total: count,
    other_failures: many.map((job) => ({ job_id: job, exit_code: 255, blocking: false })),
    other_failures_total: count,
    stopped: many,
    stopped_total: count,
    running: many.map((job) => ({
      job_id: job,
      step: 9,
      command: text,
      last_line: text,
      silent_ms: 999_999,
    })),
    changed: {
      since_run_id: text,
      commits: many.map((subject) => ({ sha: text, subject })),
      commits_total: count,
      files: many,
      files_total: count,
      files_in_errors: many,
      left_out_jobs: many,
      sentence: text,
    },
    seen_before: { runs: many.map((run) => ({ run_id: run, started_at: text })), compared: 3 },
    critical_path: many.map((job) => ({ job_id: job, duration_ms: Number.MAX_SAFE_INTEGER })),
    open: many,
    next: many,
    notes: many,
    truncated: false,
  };
}

describe("fitExplanation()", () => {
  test("fitExplanation() keeps within the limit with anything anywhere, and says that it cut", () => {
    const text = fc.oneof(
      fc
        .constantFrom("a", '"', "\\", "\n", "\u0001", "\uD800", "é", "…", "\u{1F600}")
        .map((piece) => piece.repeat(5000)),
      fc.string({ unit: "binary", maxLength: 3000 }),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 60 }), (value, count) => {
        const whole = explanationOf(value, count);
        const fitted = fitExplanation(whole);
        expect(Buffer.byteLength(formatDocument(fitted))).toBeLessThan(EXPLANATION_BYTES);
        expect(fitted.truncated).toBe(
          JSON.stringify({ ...fitted, truncated: false }) !== JSON.stringify(whole),
        );
        expect(fitted.lines_total).toBe(count);
      }),
    );
  });

  test("fitExplanation() leaves alone what fits", () => {
    const whole = explanationOf("short", 1);
    expect(fitExplanation(whole)).toStrictEqual(whole);
  });
});
