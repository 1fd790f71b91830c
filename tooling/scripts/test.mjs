// `npm test`: every check of the repository, then one line that counts. Runs on Node 18 and newer.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pnpm, ROOT, setUp } from "./setup.mjs";

/**
 * What is checked. `tests` marks the check whose test cases are counted one by
 * one, from the reports that the packages write; any other counts as one.
 */
const CHECKS = [
  { name: "build", args: ["exec", "turbo", "run", "build"] },
  { name: "types", args: ["exec", "turbo", "run", "typecheck"] },
  { name: "lint", args: ["run", "lint"] },
  { name: "format", args: ["run", "check:format"] },
  { name: "tests", args: ["exec", "turbo", "run", "test", "--concurrency=1", "--continue"], tests: true },
  { name: "packages", args: ["exec", "turbo", "run", "check:package"] },
  { name: "public interfaces", args: ["exec", "turbo", "run", "check:api"] },
  { name: "import rules", args: ["run", "check:deps"] },
  { name: "rules catch planted faults", args: ["run", "check:rules"] },
  { name: "unused code", args: ["run", "check:unused"] },
  { name: "manifests", args: ["run", "check:manifests"] },
  { name: "file names", args: ["run", "check:names"] },
  { name: "documentation", args: ["run", "check:docs"] },
  { name: "packed packages", args: ["run", "check:packed"] },
];

/** Where each package leaves the report of its tests, relative to the package. */
const REPORT = "test-results/results.json";

setUp();
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const { name, args, tests } of CHECKS) {
  console.log(`\n== ${name}`);
  if (tests) for (const path of reports()) rmSync(path, { force: true });
  const startedAt = Date.now();
  const status = pnpm(args);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? "passed" : "failed"} in ${seconds} s`);
  if (status !== 0) failures.push(name);
  if (tests) count(status);
  else totals[status === 0 ? "passed" : "failed"] += 1;
}
if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = failures.length > 0 || totals.failed > 0 ? 1 : 0;

/** Adds up the reports of the packages. Tests that ended badly without naming a failed case count as one failure. */
function count(status) {
  let failed = 0;
  for (const path of reports()) {
    if (!existsSync(path)) continue;
    const report = JSON.parse(readFileSync(path, "utf8"));
    totals.passed += report.numPassedTests;
    totals.skipped += report.numPendingTests + report.numTodoTests;
    failed += report.numFailedTests;
  }
  totals.failed += status !== 0 && failed === 0 ? 1 : failed;
}

function reports() {
  return ["packages", "apps"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => join(ROOT, folder, name, REPORT)),
  );
}
