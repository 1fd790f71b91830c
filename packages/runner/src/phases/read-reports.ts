import { join } from "node:path";
import type { FailedTest, JobTests } from "@loom/artifacts";
import { selectFiles } from "@loom/cache";
import type { ReportedTest } from "@loom/core";
import { readJunitFile } from "@loom/diagnosis/tests";

/** Failed tests that are told; the others are counted. Together they have to fit into a record. */
const MOST_FAILURES = 50;

/** Characters of all failures together: a record holds 64 KiB, and a character may take three bytes and an escape. */
const MOST_CHARACTERS = 10_000;

/** What reports say, and what could not be read of them. */
export interface ReadReports {
  /** Absent where there is no report. */
  readonly tests?: JobTests;
  readonly warnings: readonly string[];
}

/**
 * Reads the JUnit reports among the artifacts of a job.
 *
 * @param directory - The folder of the collected artifacts. Absolute.
 * @param globs - Which of them are reports.
 * @param workspace - Where the job worked: files below it are told relative to it. Absolute.
 */
export async function readReports(
  directory: string,
  globs: readonly string[],
  workspace: string,
): Promise<ReadReports> {
  const warnings: string[] = [];
  const reports: string[] = [];
  const contents: (readonly ReportedTest[])[] = [];
  for (const path of selectFiles(directory, globs)) {
    const read = await readJunitFile(join(directory, path));
    if (!read.ok) {
      warnings.push(`The report "${path}" is left out: ${read.error}`);
      continue;
    }
    reports.push(path);
    contents.push(read.value);
  }
  if (reports.length === 0) return { warnings };
  const tests = contents.flat();
  const failed = tests.filter(({ status }) => status === "failed");
  return {
    tests: {
      reports,
      total: tests.length,
      failed: failed.length,
      skipped: tests.filter(({ status }) => status === "skipped").length,
      failures: firstOf(failed.map((test) => failedTest(test, workspace))),
    },
    warnings,
  };
}

function failedTest({ name, suite, file, line, message }: ReportedTest, workspace: string): FailedTest {
  const relative = file?.startsWith(`${workspace}/`) === true ? file.slice(workspace.length + 1) : file;
  return {
    name,
    ...(suite !== undefined && { suite }),
    ...(relative !== undefined && { file: relative }),
    ...(line !== undefined && { line }),
    ...(message !== undefined && { message }),
  };
}

/** As many as fit. */
function firstOf(failures: readonly FailedTest[]): readonly FailedTest[] {
  let characters = 0;
  return failures.slice(0, MOST_FAILURES).filter((failure) => {
    characters += JSON.stringify(failure).length;
    return characters <= MOST_CHARACTERS;
  });
}
