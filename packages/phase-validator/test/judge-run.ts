import { createPhaseValidator, createStreamReader, type PhaseReport } from "../src/index.ts";
import type { PhaseValidatorOptions } from "../src/index.ts";
import { render, type BuiltRun, type Entry } from "./build-run.ts";

export const CHECKED_AT = "2026-01-02T00:00:00.000Z";

/** Judges the text of streams, fed as bytes in chunks of the size given. */
export function judgeText(
  streams: ReadonlyMap<string, string>,
  { chunkBytes = 4096, ...options }: PhaseValidatorOptions & { readonly chunkBytes?: number } = {},
  documents: BuiltRun["documents"] = new Map(),
): PhaseReport {
  const validator = createPhaseValidator({ mirrors: true, ...options });
  for (const [path, json] of documents) validator.document(path, json);
  for (const [path, text] of streams) {
    const reader = createStreamReader(validator, path);
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += chunkBytes) reader.chunk(bytes.subarray(at, at + chunkBytes));
    reader.end();
  }
  return validator.report(CHECKED_AT);
}

/** The text of each stream of a list of records. */
export function textOf(lines: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  return new Map([...lines].map(([path, each]) => [path, each.map((line) => `${line}\n`).join("")]));
}

/** Judges records with their documents, as a directory would be. */
export function judgeEntries(
  entries: readonly Entry[],
  documents: BuiltRun["documents"] = new Map(),
  options: PhaseValidatorOptions = {},
): PhaseReport {
  return judgeText(textOf(render(entries)), options, documents);
}

/** The violations as `code path:line`, which is all that tests compare beside messages. */
export function named(report: PhaseReport): readonly string[] {
  return report.violations.map(({ code, stream_path: path, line }) => `${code} ${path}:${line}`);
}

/** The violations in full, one text each. */
export function told(report: PhaseReport): readonly string[] {
  return report.violations.map((violation) => {
    const { code, message, stream_path: path, line, scope, phase_code: phase, job_id: job } = violation;
    const about = [
      scope,
      ...(phase === undefined ? [] : [phase]),
      ...(job === undefined ? [] : [`job ${job}`]),
    ];
    return `${code} ${path}:${line} [${about.join(", ")}] ${message}`;
  });
}
