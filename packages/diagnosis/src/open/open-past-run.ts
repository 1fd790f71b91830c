import { isRunAlive, openRun, runDirectoryOf, type RunReader } from "@loom/artifacts";
import { jobsByName, ok, type Result } from "@loom/core";
import { compiledJobs } from "../log/compiled-jobs.ts";
import { findLogJob } from "../log/find-log-job.ts";

/** A run to be read, and whether it still goes on. */
export interface OpenedRun {
  readonly run: RunReader;
  /** Whether the process that runs it lives; asked anew each time. */
  readonly isAlive: () => boolean;
}

/**
 * Opens the run that a user names.
 *
 * @param name - As for `runDirectoryOf`.
 * @param cwd - Absolute.
 */
export async function openPastRun(
  name: string,
  cwd: string,
): Promise<Result<OpenedRun, { readonly message: string }>> {
  const directory = await runDirectoryOf(name, cwd);
  if (!directory.ok) return directory;
  const opened = await openRun(directory.value);
  if (!opened.ok) return opened;
  const run = opened.value;
  return ok({ run, isAlive: () => isRunAlive(run.directory, cwd) });
}

/** A run, and the job of it that was named in place of a run. */
export interface OpenedRunOrJob extends OpenedRun {
  readonly job?: string;
}

/** Opens the run that a user names, or the last one where the name is that of a job of it. */
export async function openRunOrJob(
  name: string,
  cwd: string,
): Promise<Result<OpenedRunOrJob, { readonly message: string }>> {
  const opened = await openPastRun(name, cwd);
  if (opened.ok || name.includes("/")) return opened;
  const last = await openPastRun("last", cwd);
  if (!last.ok) return opened;
  const { run } = last.value;
  const isJob = (await findLogJob(run, name)).ok || jobsByName(await compiledJobs(run)).has(name);
  return isJob ? ok({ ...last.value, job: name }) : opened;
}
