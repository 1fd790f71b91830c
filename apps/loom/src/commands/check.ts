import { checkAt, findWorkflow, problemAsJson } from "@loom/runner/workflow";
import { cacheHome } from "@loom/system";
import type { WorkflowProblem } from "@loom/workflow";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson } from "../printable.ts";
import { LOOM_VERSION } from "../loom-version.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom check`. */
export interface CheckFlags {
  readonly workflow?: string;
  /** Prints what was found as JSON on stdout, for editors and agents. */
  readonly json?: boolean;
  /** Whether a warning fails the check as an error does. */
  readonly strict?: boolean;
}

/**
 * Validates the workflow. Everything it says goes to stderr; what it found is
 * also in a receipt.
 *
 * @returns 0, even with warnings; 1 for an invalid workflow, and with `strict` for one with warnings; 2 when there is none.
 */
export async function checkCommand(flags: CheckFlags, io: ProcessIo): Promise<number> {
  const { cwd, env, stderr, argv } = io;
  const location = findWorkflow(cwd, flags.workflow);
  if (!location.ok) {
    stderr.write(`loom: ${location.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const { valid, found, receiptPath, receiptError } = await checkAt(location.value, {
    cwd,
    cacheHome: cacheHome(env),
    strict: flags.strict,
    command: argv,
    loomVersion: LOOM_VERSION,
  });
  const exitCode = valid ? EXIT_CODE.success : EXIT_CODE.failure;
  if (flags.json === true) {
    const data = {
      schema_version: "v1",
      kind: "loom-check-problems",
      valid,
      problems: found.map(problemAsJson),
    };
    io.stdout.write(formatJson(data));
  } else if (found.length > 0) {
    const { describeProblems } = await import("@loom/runner/compile");
    stderr.write(`${describeProblems(found)}\n${countOf(found)}`);
  }
  stderr.write(
    receiptPath === undefined
      ? `loom: Cannot write the receipt: ${receiptError}\n`
      : `receipt: ${receiptPath}\n`,
  );
  stderr.write(valid ? "loom check passed\n" : `loom check failed (exit code ${exitCode})\n`);
  return exitCode;
}

/** How many problems there are, when they are more than one sees at once. */
function countOf(found: readonly WorkflowProblem[]): string {
  if (found.length < MANY) return "";
  const files = new Set(found.map(({ file }) => file)).size;
  return `${found.length} problems in ${files === 1 ? "1 file" : `${files} files`}\n`;
}

/** So many problems do not fit on a screen. */
const MANY = 8;
