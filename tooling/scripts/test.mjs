// `npm test`: all of the repository's checks, then a one-line total; `npm test -- lint format` runs only those,
// after the build.
// Runs on Node 18 and newer.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CHECKS, STAGES, checksNamed } from "./checks.mjs";
import { ENVIRONMENT, ROOT, setUp } from "./setup.mjs";

/** Where a folder's tests write their report, relative to the folder. */
const REPORT = "test-results/results.json";

const ENV = {
  ...ENVIRONMENT,
  // The two builds start the same tools, so those share their compiled code. Turborepo passes it on to builds only:
  // end-to-end tests count what a process reads.
  NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/compiled"),
  // The linter reads types with a program in Go. It takes twice the memory, 1.3 GB, and collects garbage less often.
  // Turborepo passes it on to `lint` only.
  GOGC: "400",
};

/** All packages are checked even if one fails; only failures are printed. */
const QUIET = ["--continue", "--output-logs=errors-only", "--log-order=grouped"];

/** Two lanes: the first has the tests, which do not always keep two cores busy, the second all others. */
const LANES = 2;

const names = process.argv.slice(2);
const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `No check is called ${unknown.join(", ")}. There are: ${CHECKS.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}

setUp();
const startedAt = Date.now();
const totals = { passed: 0, failed: 0, skipped: 0 };
const outcomes = [];
const chosen = checksNamed(names);
for (const stage of STAGES) await inLanes(chosen.filter((check) => check.stage === stage));
printTimes();
const failures = outcomes.filter(({ status }) => status !== 0);
if (failures.length > 0) console.log(`\nFailed: ${failures.map(({ name }) => name).join(", ")}`);
const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = failures.length > 0 || totals.failed > 0 ? 1 : 0;

async function inLanes(checks) {
  const waiting = [...checks];
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) await run(check);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Runs one check and prints its result at once. */
async function run({ name, task, options = [], reports }) {
  console.log(`.. ${name}`);
  const paths = reports?.map((folder) => join(ROOT, folder, REPORT));
  for (const path of paths ?? []) rmSync(path, { force: true });
  const began = Date.now();
  const { status, output } = await turbo(["run", task, ...QUIET, ...options]);
  const seconds = (Date.now() - began) / 1000;
  const [, cached, all] = /Cached:\s+(\d+) cached, (\d+) total/u.exec(output) ?? [];
  outcomes.push({ name, status, seconds, fromCache: cached !== undefined && cached === all });
  const verdict = `== ${name}: ${status === 0 ? "passed" : "failed"} in ${seconds.toFixed(1)} s`;
  console.log(status === 0 ? verdict : `\n== ${name}\n${output.trim()}\n${verdict}\n`);
  if (paths === undefined) totals[status === 0 ? "passed" : "failed"] += 1;
  else count(paths, status);
}

/** Returns the exit code and the output. */
function turbo(args) {
  return new Promise((resolve) => {
    const child = spawn("turbo", args, { cwd: ROOT, env: ENV, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => resolve({ status: 1, output: `Cannot run turbo: ${error.message}` }));
    child.on("close", (code) => resolve({ status: code ?? 1, output }));
  });
}

/** Prints where the time went, the longest first. */
function printTimes() {
  console.log(`\nThe time, ${((Date.now() - startedAt) / 1000).toFixed(1)} s in all:`);
  for (const { name, seconds, fromCache } of [...outcomes].sort((a, b) => b.seconds - a.seconds))
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${name}${fromCache ? " (unchanged)" : ""}`);
}

/**
 * Adds up the reports of one check. Tests that fail without a failed case count as one failure, and so does a
 * check without a report.
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
