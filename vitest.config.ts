import { defineConfig } from "vitest/config";

/** The tests of all packages in one run, for `npm run test:watch` and `npm run coverage`. Those of the built program are not among them. */
export default defineConfig({
  test: {
    projects: ["packages/*/vitest.config.ts", "apps/bench/vitest.config.ts"],
    coverage: {
      include: ["packages/*/src/**/*.{ts,tsx}"],
      exclude: ["**/*.test.{ts,tsx}", "packages/{testkit,simulation,contract-suites}/**"],
      reporter: [["text-summary"], ["html"], ["json-summary"]],
      reportsDirectory: "test-results/coverage",
    },
  },
});
