import { relative } from "node:path";
import type { PhaseReport } from "@loom/phase-validator";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { formatJson, printable } from "../printable.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { runDirectoryOf } from "@loom/artifacts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom verify`. */
export interface VerifyFlags {
  readonly json?: boolean;
  /** Lists sections and steps too. */
  readonly full?: boolean;
}

/** Violations shown to a person; the rest is a count. */
const SHOWN_VIOLATIONS = 20;

/**
 * Judges a run directory by its streams and documents.
 *
 * @param run - A run's directory, its receipt, the id of a run of this repository or the beginning of one, `last`, `last~1`.
 * @returns 0 valid, 1 invalid, 2 when there is no such run.
 */
export async function verifyCommand(run: string, flags: VerifyFlags, io: ProcessIo): Promise<number> {
  const { stdout, stderr, cwd } = io;
  const found = await runDirectoryOf(run, cwd);
  if (!found.ok) {
    stderr.write(`loom: ${found.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const directory = found.value;
  const judged = judgeRunDirectory(directory, {
    checkedAt: new Date().toISOString(),
    ...(flags.full !== undefined && { full: flags.full }),
  });
  if (!judged.ok) {
    stderr.write(`loom: ${judged.error.message}\n`);
    return judged.error.code === "RUN_NOT_FOUND" ? EXIT_CODE.usage : EXIT_CODE.failure;
  }
  const report = judged.value;
  stdout.write(
    flags.json === true ? formatJson(report) : printable(describe(report, relative(cwd, directory))),
  );
  return report.status === "valid" ? EXIT_CODE.success : EXIT_CODE.failure;
}

function describe(report: PhaseReport, directory: string): string {
  const { streams, coverage, violations } = report;
  const lines = violations
    .slice(0, SHOWN_VIOLATIONS)
    .map(({ code, message, stream_path, line }) => `${stream_path}:${line} ${code} ${message}`);
  if (violations.length > SHOWN_VIOLATIONS) {
    lines.push(`… and ${violations.length - SHOWN_VIOLATIONS} more, see --json`);
  }
  lines.push(
    `${report.status}  ${directory || "."}`,
    `  ${streams.count} streams, ${streams.events} records, ${coverage.observed} of ${coverage.required} required boundaries, ${violations.length} violations`,
  );
  return `${lines.join("\n")}\n`;
}
