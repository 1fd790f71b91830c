import { nearestName } from "@loom/workflow/run";
import { jobNames } from "@loom/runner/compile";
import { findWorkflow } from "@loom/runner/workflow";

/** How to run the job that a word on the command line most likely means, if it means one. */
export function runJobHint(
  word: string,
  { cwd, workflow }: { readonly cwd: string; readonly workflow?: string | undefined },
): string | undefined {
  const location = findWorkflow(cwd, workflow);
  if (!location.ok) return undefined;
  const jobs = jobNames(location.value) ?? [];
  const job = jobs.includes(word) ? word : nearestName(word, jobs);
  return job === undefined ? undefined : `to run job "${job}", use loom run --job ${job}`;
}

/** The name that a mistyped one most likely stands for; for commands that have nothing else of workflows. */
export function likelyName(word: string, known: readonly string[]): string | undefined {
  return nearestName(word, known);
}
