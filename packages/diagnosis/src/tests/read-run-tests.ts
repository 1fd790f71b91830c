import { join } from "node:path";
import type { RunReader } from "@loom/artifacts";
import { err, type JobId, type ReportedTest, type Result } from "@loom/core";
import { jobArtifactPaths } from "@loom/record";
import { openRegularFile, systemErrorOf, systemErrorReason } from "@loom/system";
import { readJunit } from "./read-junit.ts";

/** A report that is larger is left out: it would be read in one piece. Unit: bytes. */
const LARGEST_REPORT = 32 * 1024 * 1024;

/**
 * Reads a report in JUnit XML from a file, and nothing that is none.
 *
 * @param path - Absolute.
 * @returns Why it cannot be read: a clause.
 */
export async function readJunitFile(path: string): Promise<Result<readonly ReportedTest[], string>> {
  try {
    const file = await openRegularFile(path);
    try {
      const { size } = await file.stat();
      if (size > LARGEST_REPORT) return err(`it has ${size} bytes, more than ${LARGEST_REPORT}`);
      return readJunit(await file.readFile("utf8"));
    } finally {
      await file.close();
    }
  } catch (cause) {
    return err(systemErrorReason(systemErrorOf(cause)));
  }
}

/**
 * The tests that the reports of a run's jobs tell of, by job. Jobs without
 * reports are not among them; nor is what cannot be read.
 */
export async function readRunTests(
  run: RunReader,
  jobs: Iterable<JobId>,
): Promise<ReadonlyMap<JobId, readonly ReportedTest[]>> {
  const found = new Map<JobId, readonly ReportedTest[]>();
  for (const job of jobs) {
    const manifest = await run.jobManifest(job);
    const reports = manifest.ok ? (manifest.value.tests?.reports ?? []) : [];
    const directory = join(run.directory, jobArtifactPaths(job).directory);
    const read: (readonly ReportedTest[])[] = [];
    for (const path of reports) {
      // A damaged manifest must not lead elsewhere.
      if (path.split("/").includes("..")) continue;
      const report = await readJunitFile(join(directory, path));
      if (report.ok) read.push(report.value);
    }
    const tests = read.flat();
    if (tests.length > 0) found.set(job, tests);
  }
  return found;
}
