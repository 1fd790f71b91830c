import { access } from "node:fs/promises";
import { join } from "node:path";
import type { ReadError, RunReader } from "@loom/artifacts";
import { err, jobsByName, ok, nodeSteps, type Result } from "@loom/core";
import { compiledJobs } from "./compiled-jobs.ts";

/** Names in an error message; the rest is counted. */
const MAX_NAMED = 8;

/** Makes sure that a run has, or will have, a job, and the job a step of that number. */
export async function findLogJob(
  run: RunReader,
  job: string,
  step?: number,
): Promise<Result<void, ReadError>> {
  if (
    step === undefined &&
    !job.includes("/") &&
    job !== ".." &&
    job !== "." &&
    job !== "" &&
    (await isThere(join(run.directory, "jobs", job)))
  ) {
    return ok(undefined);
  }
  const jobs = await compiledJobs(run);
  const node = jobs.find(({ id }) => id === job);
  const count = node && nodeSteps(node).length;
  if (count !== undefined && step !== undefined && step > count) {
    const message = `Cannot read the log of step ${step}: job "${job}" has ${count === 1 ? "1 step" : `${count} steps`}`;
    return err({ code: "ARTIFACTS_NOT_FOUND", message, path: run.directory });
  }
  if (count !== undefined) return ok(undefined);
  // Without its graph a run can only be asked for what it left.
  if (step !== undefined) return await findLogJob(run, job);
  const made = jobsByName(jobs).get(job);
  const names = made ?? jobs.map(({ id }) => id);
  const named = names.slice(0, MAX_NAMED).join(", ");
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  if (made !== undefined) {
    const message = `Cannot read the log of "${job}": its matrix makes several jobs, so name one: ${named}${more}`;
    return err({ code: "ARTIFACTS_NOT_FOUND", message, path: run.directory });
  }
  const known = names.length === 0 ? "" : `; its jobs are ${named}${more}`;
  const message = `Cannot read the log of job "${job}": run "${run.runId}" has no such job${known}`;
  return err({ code: "ARTIFACTS_NOT_FOUND", message, path: run.directory });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
