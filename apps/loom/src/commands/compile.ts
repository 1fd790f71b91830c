import { relative } from "node:path";
import { formatGraph, type GraphFormat } from "@loom/workflow";
import { compileAt, describeProblems } from "@loom/runner/compile";
import { findWorkflow, problemsFromHere } from "@loom/runner/workflow";
import { EXIT_CODE } from "../exit-code.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom compile`. */
export interface CompileFlags {
  readonly workflow?: string;
  /** Default `json`, the graph itself. */
  readonly format?: GraphFormat;
}

/**
 * Prints the Graph IR of the workflow to stdout, its problems to stderr.
 *
 * @returns 0, 1 for an invalid workflow, 2 when there is none.
 */
export function compileCommand(flags: CompileFlags, io: ProcessIo): number {
  const { cwd, stdout, stderr } = io;
  const location = findWorkflow(cwd, flags.workflow);
  if (!location.ok) {
    stderr.write(`loom: ${location.error.message}\n`);
    return EXIT_CODE.usage;
  }
  const compiled = compileAt(location.value, relative(cwd, location.value.workflowPath));
  const place = { cwd, location: location.value };
  if (!compiled.ok) {
    stderr.write(`${describeProblems(problemsFromHere(compiled.error, place))}\n`);
    return EXIT_CODE.failure;
  }
  const warnings = problemsFromHere(compiled.value.warnings, place);
  if (warnings.length > 0) stderr.write(`${describeProblems(warnings)}\n`);
  stdout.write(formatGraph(compiled.value.graph, flags.format ?? "json"));
  return EXIT_CODE.success;
}
