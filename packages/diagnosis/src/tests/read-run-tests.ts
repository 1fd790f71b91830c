import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RunReader } from "@loom/artifacts";
import { err, type JobId, type ReportedTest, type Result } from "@loom/core";
import { jobArtifactPaths } from "@loom/record";
import { systemErrorOf, systemErrorReason } from "@loom/system";
import { readJunit } from "./read-junit.ts";

/** A report that is larger is left out: it would be read in one piece. Unit: bytes. */
const LARGEST_REPORT = 32 * 1024 * 1024;

/**
 * Reads a report in JUnit XML from a file.
 *
 * @param path - Absolute.
 * @returns Why it cannot be read: a clause.
 */
export function readJunitFile(path: string): Result<readonly ReportedTest[], string> {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_REPORT) return err(`it has ${size} bytes, more than ${LARGEST_REPORT}`);
    return readJunit(readFileSync(path, "utf8"));
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
    const tests = reports.flatMap((path) => {
      // A damaged manifest must not lead elsewhere.
      const read = path.split("/").includes("..") ? undefined : readJunitFile(join(directory, path));
      return read?.ok === true ? read.value : [];
    });
    if (tests.length > 0) found.set(job, tests);
  }
  return found;
}
