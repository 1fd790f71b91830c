// `npm test`: every check of the repository, then one line that counts. Runs on Node 18 and newer.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pnpm, ROOT, setUp } from "./setup.mjs";

/** Where a folder leaves the report of its tests, relative to itself. */
const REPORT = "test-results/results.json";

/** Every package is looked at, whatever another one did; only what failed is printed. */
const QUIET = ["--continue", "--output-logs=errors-only", "--log-order=grouped"];

/**
 * What is checked. The test cases of a check with `reports` are counted one by
 * one, from the reports that those folders write; any other counts as one.
 */
const CHECKS = [
  { name: "build", args: ["exec", "turbo", "run", "build", ...QUIET] },
  { name: "types", args: ["exec", "turbo", "run", "typecheck", ...QUIET] },
  { name: "lint", args: ["run", "lint"] },
  { name: "format", args: ["run", "check:format"] },
  {
    name: "tests",
    args: ["exec", "turbo", "run", "test", "--concurrency=1", "--continue"],
    reports: () => ["packages", "apps"].flatMap((parent) => foldersIn(parent)),
  },
  { name: "packages", args: ["exec", "turbo", "run", "check:package", ...QUIET] },
  { name: "public interfaces", args: ["exec", "turbo", "run", "check:api", ...QUIET] },
  { name: "import rules", args: ["run", "check:deps"] },
  { name: "tests of the tools", args: ["run", "test:tooling"], reports: () => ["tooling"] },
  { name: "unused code", args: ["run", "check:unused"] },
  { name: "manifests", args: ["run", "check:manifests"] },
  { name: "file names", args: ["run", "check:names"] },
  { name: "documentation", args: ["run", "check:docs"] },
  { name: "packed packages", args: ["run", "check:packed"] },
];

setUp();
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const { name, args, reports } of CHECKS) {
  console.log(`\n== ${name}`);
  const paths = reports?.().map((folder) => join(ROOT, folder, REPORT));
  for (const path of paths ?? []) rmSync(path, { force: true });
  const startedAt = Date.now();
  const status = pnpm(args);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? "passed" : "failed"} in ${seconds} s`);
  if (status !== 0) failures.push(name);
  if (paths === undefined) totals[status === 0 ? "passed" : "failed"] += 1;
  else count(paths, status);
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = failures.length > 0 || totals.failed > 0 ? 1 : 0;

/**
 * Adds up the reports of one check. Tests that ended badly without naming a
 * failed case count as one failure, and so does a check that left no report.
 */
function count(paths, status) {
  const reports = paths
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, "utf8")));
  let failed = 0;
  for (const report of reports) {
    totals.passed += report.numPassedTests;
    totals.skipped += report.numPendingTests + report.numTodoTests;
    failed += report.numFailedTests;
  }
  const endedBadly = status !== 0 || reports.length === 0;
  totals.failed += endedBadly && failed === 0 ? 1 : failed;
}

function foldersIn(parent) {
  return readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
}
