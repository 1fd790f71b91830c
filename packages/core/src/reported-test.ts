/** One test of a test report. */
export interface ReportedTest {
  readonly name: string;
  /** Its class or suite. */
  readonly suite?: string;
  /** Where it is, or where it failed. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly status: "passed" | "failed" | "skipped";
  /** Absent where the report does not say. */
  readonly durationMs?: number;
  /** What went wrong, on one line; of a failed test only. */
  readonly message?: string;
}
