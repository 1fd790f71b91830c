export { createPhaseValidator, PhaseValidator, type PhaseValidatorOptions } from "./phase-validator.ts";
export type { CountedLines } from "./intake/output-lines.ts";
export { createStreamReader, StreamReader } from "./bytes/stream-reader.ts";
export type {
  Coverage,
  MissingBoundary,
  PhaseReport,
  ReportedPhase,
  StreamTotals,
} from "./report/phase-report.ts";
export type { Violation, ViolationCode } from "./report/violation.ts";
