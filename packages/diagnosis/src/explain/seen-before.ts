import type { JobId } from "@loom/core";
import type { EarlierRuns } from "../changes/earlier-runs.ts";
import { explainJobFailure, type FailureParts } from "./explain-failure.ts";
import type { ExplainedError, SeenBefore } from "./explanation.ts";

/** Earlier failures that one is compared with, the newest; each is read as the one that is explained. */
const MAX_COMPARED = 3;

/**
 * Finds the earlier failures of a job that were the same one.
 *
 * @returns `undefined` when the job failed in no earlier run.
 */
export async function seenBefore(
  jobId: JobId,
  failure: Pick<FailureParts, "failure" | "errors" | "lines">,
  earlier: EarlierRuns,
): Promise<SeenBefore | undefined> {
  const wanted = traitsOf(failure);
  const runs: { readonly run_id: string; readonly started_at: string }[] = [];
  let compared = 0;
  for await (const past of earlier.read()) {
    if (compared === MAX_COMPARED) break;
    if (past?.facts.statuses.get(jobId) !== "failed") continue;
    compared += 1;
    const { run, facts } = past;
    const then = await explainJobFailure(run, jobId, { manifest: undefined, notes: [] });
    if (areSame(wanted, traitsOf(then))) runs.push({ run_id: run.runId, started_at: facts.startedAt ?? "" });
  }
  return compared === 0 ? undefined : { runs, compared };
}

/** What two failures are compared by. */
interface Traits {
  /** What failed, and how. */
  readonly place: string;
  /** The errors that its tools reported, without what changes from run to run. */
  readonly errors: readonly string[];
  /** The last line that tells of it. */
  readonly lastLine: string;
}

function traitsOf({ failure, errors, lines }: Pick<FailureParts, "failure" | "errors" | "lines">): Traits {
  const { unit, step, section, exit_code: code, signal, meaning } = failure;
  return {
    place: JSON.stringify([unit, step, section, code, signal, meaning?.code]),
    errors: errors.map(traitOf),
    lastLine: lasting(lines.findLast((line) => line.trim() !== "") ?? ""),
  };
}

function traitOf({ tool, message, file, code, test }: ExplainedError): string {
  return JSON.stringify([tool, code, file, test, lasting(message)]);
}

/** A text without its numbers: durations, ports, lines, addresses and dates differ each time. */
function lasting(text: string): string {
  return text.replaceAll(/0x[0-9a-f]+|\d+/giu, "#");
}

/** The most telling error of the one is among those of the other; of failures without any, the last line is the same. */
function areSame(now: Traits, then: Traits): boolean {
  const [first] = now.errors;
  if (first !== undefined || then.errors.length > 0)
    return first !== undefined && then.errors.includes(first);
  return now.place === then.place && now.lastLine === then.lastLine;
}
