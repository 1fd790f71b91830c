import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { configDefaults, defineConfig, type Plugin, type ViteUserConfig } from "vitest/config";
import { memoryDirectory } from "./memory-directory.ts";
import { QuickFirst } from "./quick-first.ts";

/** How long a test may take. */
const TEST_TIMEOUT_MS = 60_000;

/** Stryker asks for the line of every test, for which each mutant would pay a fifth of its time. */
const WITHOUT_LOCATIONS: Plugin = {
  name: "without-locations",
  configureVitest({ project }) {
    project.config.includeTaskLocation = false;
  },
};

/**
 * What `npm run test:mutants` asks for: a failure as soon as there is one, and nothing written for each mutant. How long
 * things take is not its question.
 */
const FOR_MUTANTS = {
  exclude: [...configDefaults.exclude, "**/scale.test.ts"],
  sequence: { sequencer: QuickFirst },
  setupFiles: [fileURLToPath(new URL("first-failure.ts", import.meta.url))],
  reporters: [],
};

/**
 * The one Vitest configuration of the workspace.
 *
 * Packages are read from their sources (`@loom/source`), so no test runs
 * against yesterday's `dist/`. `.only` fails in CI. Temporary folders lie in memory where that can be: thousands of
 * small files cost half of what they cost on a disk. A package whose tests are about the disk sets `TMPDIR` back. Test
 * files share workers, so none may leave anything behind; a package whose tests must sets `isolate`.
 *
 * @param include - Globs of the test files. Default: everything named
 *   `*.test.ts` or `*.test.tsx` below `src/` and `test/`.
 * @param mutantHangsAfterMs - How long a test may take that a mutant is put to. Less than the default where tests wait
 *   for something that a mutant never does: each of those costs this long.
 */
export function definePackageTests(
  include: readonly string[] = ["src/**/*.test.{ts,tsx}", "test/**/*.test.{ts,tsx}"],
  mutantHangsAfterMs = TEST_TIMEOUT_MS,
): ViteUserConfig {
  const forMutants = process.env["STRYKER_MUTATOR_WORKER"] !== undefined;
  return defineConfig({
    plugins: forMutants ? [WITHOUT_LOCATIONS] : [],
    // One root for all packages, so that a source is transformed once and not once for each package that reads it.
    root: fileURLToPath(new URL("../..", import.meta.url)),
    resolve: { conditions: ["@loom/source"] },
    ssr: { resolve: { conditions: ["@loom/source"] } },
    test: {
      dir: process.cwd(),
      include: [...include],
      restoreMocks: true,
      allowOnly: process.env["CI"] === undefined,
      env: { TMPDIR: memoryDirectory() },
      // To start a worker and load the sources anew for each file takes longer than most tests.
      isolate: false,
      testTimeout: TEST_TIMEOUT_MS,
      hookTimeout: 120_000,
      reporters: ["default", "json"],
      outputFile: { json: join(process.cwd(), "test-results/results.json") },
      ...(forMutants && {
        ...FOR_MUTANTS,
        testTimeout: mutantHangsAfterMs,
      }),
    },
  });
}
