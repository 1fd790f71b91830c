import { join, relative } from "node:path";
import { formatDocument, prepareReceiptsDirectory, writeDocument } from "@loom/artifacts";
import { systemErrorReason } from "@loom/system";
import type { WorkflowProblem } from "@loom/workflow";
import { compileOnce } from "./compile-once.ts";
import type { WorkflowLocation } from "./find-workflow.ts";
import { problemsFromHere } from "./problems-from-here.ts";

/** How a workflow is checked, and what the receipt says of it. */
export interface CheckOptions {
  /** The caller's folder, from which files are named. Absolute. */
  readonly cwd: string;
  /** The user's folder for caches, in which compiled workflows are kept. Absolute. */
  readonly cacheHome: string;
  /** Whether a warning fails the check as an error does. Default: no. */
  readonly strict?: boolean | undefined;
  /** The command line that the receipt names. */
  readonly command: readonly string[];
  readonly loomVersion: string;
}

/** The receipt of a check, `receipts/loom-check-<ns>.json`. */
export interface CheckReceipt {
  readonly schema_version: "v1";
  readonly kind: "loom-check";
  readonly loom_version: string;
  readonly command: readonly string[];
  readonly exit_code: 0 | 1;
  readonly status: "success" | "failure";
  readonly workflow_schema_v1: {
    readonly workflow_path: string;
    readonly valid: boolean;
    readonly errors: readonly Pick<
      WorkflowProblem,
      "code" | "file" | "line" | "column" | "path" | "message"
    >[];
  };
}

/** What a check found. */
export interface CheckedWorkflow {
  readonly valid: boolean;
  /** Errors, or the warnings of a valid workflow. */
  readonly found: readonly WorkflowProblem[];
  readonly receipt: CheckReceipt;
  /** Absolute; absent when it could not be written. */
  readonly receiptPath?: string;
  /** Why it could not, as a clause. */
  readonly receiptError?: string;
}

/** Checks a workflow, and leaves a receipt of what it found. */
export async function checkAt(location: WorkflowLocation, options: CheckOptions): Promise<CheckedWorkflow> {
  const { cwd, cacheHome, strict = false, command, loomVersion } = options;
  const { workflowPath, repoRoot } = location;
  const compiled = await compileOnce(location, relative(cwd, workflowPath), cacheHome);
  const found = problemsFromHere(compiled.ok ? compiled.value.warnings : compiled.error, { cwd, location });
  const valid = compiled.ok && (!strict || found.length === 0);
  const problems = valid ? [] : found;
  const receipt: CheckReceipt = {
    schema_version: "v1",
    kind: "loom-check",
    loom_version: loomVersion,
    command,
    exit_code: valid ? 0 : 1,
    status: valid ? "success" : "failure",
    workflow_schema_v1: {
      workflow_path: workflowPath,
      valid,
      errors: problems.map(({ code, file, line, column, path, message }) => ({
        code,
        file,
        line,
        column,
        path,
        message,
      })),
    },
  };
  return { valid, found, receipt, ...writeReceipt(repoRoot, receipt) };
}

function writeReceipt(
  repoRoot: string,
  receipt: CheckReceipt,
): Pick<CheckedWorkflow, "receiptPath" | "receiptError"> {
  const folder = prepareReceiptsDirectory(repoRoot);
  if (!folder.ok) return { receiptError: folder.error.message };
  const name = `loom-check-${BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n)}.json`;
  const receiptPath = join(folder.value, name);
  const cause = writeDocument(receiptPath, formatDocument(receipt));
  return cause === undefined ? { receiptPath } : { receiptError: systemErrorReason(cause) };
}
