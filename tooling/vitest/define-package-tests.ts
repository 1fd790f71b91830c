import { fileURLToPath } from "node:url";
import { basename, join } from "node:path";
import { configDefaults, defineConfig, type Plugin, type ViteUserConfig } from "vitest/config";
import { memoryDirectory } from "./memory-directory.ts";
import { QuickFirst } from "./quick-first.ts";

/** Time limit for a test. */
const TEST_TIMEOUT_MS = 60_000;

/** Stryker requests the line of every test, which would cost a fifth of each mutant's time. */
const WITHOUT_LOCATIONS: Plugin = {
  name: "without-locations",
  configureVitest({ project }) {
    project.config.includeTaskLocation = false;
  },
};

/**
 * Settings for `npm run test:mutants`: stop at the first failure, and write nothing per mutant. Durations do
 * not matter.
 */
const FOR_MUTANTS = {
  exclude: [...configDefaults.exclude, "**/scale.test.ts"],
  sequence: { sequencer: QuickFirst },
  setupFiles: [fileURLToPath(new URL("first-failure.ts", import.meta.url))],
  reporters: [],
};

const ALL_TESTS = ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"];

/** What a package has of its own. */
export interface PackageTestOptions {
  /** Globs of the test files. Default: every `*.test.ts` or `*.test.tsx` below `src/` and `test/`. */
  readonly include?: readonly string[];
  /**
   * Time limit for a test under a mutant. Lower it where tests wait for something that a mutant never does: each such mutant costs
   * this long. Milliseconds. Default: that of any test.
   */
  readonly mutantHangsAfterMs?: number;
}

/**
 * The Vitest configuration of every package.
 *
 * Packages are read from their sources (`@loom/source`), so no test runs against a stale `dist/`. `.only` fails
 * in CI. Temporary folders are in memory if possible: thousands of small files cost half as much as on a disk.
 * A package whose tests are about the disk resets `TMPDIR`. Test files share workers, so none may leave
 * anything behind; a package whose tests must do so sets `isolate`.
 *
 * @param folder - Of the package.
 */
export function definePackageTests(
  folder: string,
  { include = ALL_TESTS, mutantHangsAfterMs = TEST_TIMEOUT_MS }: PackageTestOptions = {},
): ViteUserConfig {
  const forMutants = process.env["STRYKER_MUTATOR_WORKER"] !== undefined;
  return defineConfig({
    plugins: forMutants ? [WITHOUT_LOCATIONS] : [],
    // One root for all packages, so that a source is transformed once, not once per package that reads it.
    root: fileURLToPath(new URL("../..", import.meta.url)),
    resolve: { conditions: ["@loom/source"] },
    ssr: { resolve: { conditions: ["@loom/source"] } },
    test: {
      dir: folder,
      name: basename(folder),
      include: [...include],
      restoreMocks: true,
      allowOnly: process.env["CI"] === undefined,
      env: { TMPDIR: memoryDirectory() },
      // Starting a worker and reloading the sources for each file would take longer than most tests.
      isolate: false,
      testTimeout: TEST_TIMEOUT_MS,
      hookTimeout: 120_000,
      reporters: ["default", "json"],
      outputFile: { json: join(folder, "test-results/results.json") },
      ...(forMutants && {
        ...FOR_MUTANTS,
        testTimeout: mutantHangsAfterMs,
      }),
    },
  });
}
