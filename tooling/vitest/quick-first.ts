import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Runs the tests beside the sources before those of `test/`, which draw thousands of cases.
 *
 * For mutants, where the first failure ends the run: most of them fail in the quick ones.
 */
export class QuickFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve(files.toSorted((a, b) => Number(isSlow(a)) - Number(isSlow(b))));
  }
}

function isSlow({ moduleId }: TestSpecification): boolean {
  return moduleId.includes("/test/");
}
