import type { PhaseReport } from "@loom/phase-validator";

/**
 * What a run breaks of the lifecycle contract, a line for each violation, for
 * `expect(brokenRules(report)).toEqual([])`. A run whose `run.finalize` has not
 * finished goes on, so it may lack what is yet to come; all else it must keep.
 */
export function brokenRules({ coverage, violations }: PhaseReport): readonly string[] {
  const goesOn = coverage.missing.some(
    ({ phase_code: code, boundary }) => code === "run.finalize" && boundary === "finish",
  );
  const isToCome = (code: string, line: number): boolean =>
    code === "missing_finish" || (code === "missing_start" && line === 0);
  return violations
    .filter(({ code, line }) => !(goesOn && isToCome(code, line)))
    .map(({ code, stream_path: path, line, message }) => `${code} ${path}:${line} ${message}`);
}
