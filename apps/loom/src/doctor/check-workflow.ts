import { relative } from "node:path";
import type { DoctorPlace } from "./doctor-place.ts";
import { partsOf, type DoctorFinding } from "./doctor-finding.ts";

/** Whether there is a workflow, and it compiles. `loom check` says all about it. */
export async function checkWorkflow({
  cwd,
  location,
  compiled,
  workflowFlag,
}: DoctorPlace): Promise<DoctorFinding> {
  if (!location.ok) {
    const { found } = partsOf(location.error.message);
    // Not every folder has one; a file that was named has to be there.
    const isMissing = workflowFlag === undefined && found.startsWith("Cannot find");
    return isMissing
      ? { state: "warning", found, advice: "Run loom init to write one, or name a file with --workflow" }
      : { state: "failure", found, advice: "Name a file that can be read with --workflow" };
  }
  const shown = relative(cwd, location.value.workflowPath);
  const workflow = await compiled;
  if (workflow?.ok === true) {
    const { graph, warnings } = workflow.value;
    const jobs = counted(graph.nodes.length, "job");
    if (warnings.length === 0) return { state: "ok", found: `${shown} is valid and has ${jobs}` };
    const found = `${shown} is valid and has ${jobs}, with ${counted(warnings.length, "warning")}`;
    return { state: "warning", found, advice: checkAdvice("warnings", workflowFlag) };
  }
  const errors = (workflow?.error ?? []).filter(({ severity }) => severity !== "warning");
  const [first] = errors;
  const where = first === undefined ? "" : `, the first at ${first.file}:${first.line}: ${first.message}`;
  return {
    state: "failure",
    found: `${shown} is not valid: ${counted(errors.length, "error")}${where.replace(/\.$/u, "")}`,
    advice: checkAdvice("errors", workflowFlag),
  };
}

function checkAdvice(what: string, flag: string | undefined): string {
  const command = flag === undefined ? "loom check" : `loom check --workflow ${flag}`;
  return `Run ${command}: it lists all ${what}, each with its place and what to do`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
