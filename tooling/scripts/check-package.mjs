// `npm run check:package -- core`: what one package is held to while somebody works on it: format, lint and types, tests, interface.
// Test files that took long the last time are left out and named; `--all` runs them, too. What else is given goes to Vitest.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ENVIRONMENT, ROOT, setUp } from "./setup.mjs";

/** How long a test file may take to be among those that run each time. Milliseconds. */
const QUICK_MS = 4000;

const [name = "", ...given] = process.argv.slice(2);
const folder = ["packages", "apps"]
  .map((parent) => join(parent, name))
  .find((path) => existsSync(join(ROOT, path, "package.json")));
if (name === "" || folder === undefined) {
  console.error(
    `There is no package "${name}". Name a folder of packages/ or apps/: npm run check:package -- core`,
  );
  process.exit(2);
}

setUp();
const { private: isPrivate, exports } = readJson("package.json", {});
const hasInterface = isPrivate !== true && exports !== undefined;
const startedAt = Date.now();
const known = readJson("test-results/durations.json", {});
const slow = given.includes("--all") ? [] : Object.keys(known).filter((file) => known[file] > QUICK_MS);
const tests = [
  "run",
  // A part of the program has none of its own.
  "--passWithNoTests",
  ...slow.flatMap((file) => ["--exclude", `**/${file}`]),
  ...given.filter((argument) => argument !== "--all"),
];
const lint = ["--type-aware", "--type-check", "--report-unused-disable-directives-severity", "error", folder];
const outcomes = await Promise.all([
  check("tests", "vitest", tests, folder),
  check("lint and types", "oxlint", lint).then(async (linted) => [
    linted,
    await check("format", "oxfmt", ["--check", folder]),
    ...(hasInterface ? [await check("interface", "node", ["tooling/scripts/check-api.mjs", name])] : []),
  ]),
]);
keepDurations();
if (slow.length > 0) {
  const files = slow.map((file) => `${file} (${Math.round(known[file] / 1000)} s)`).join(", ");
  console.log(`Left out, as they took long the last time: ${files}. --all runs them, too`);
}
console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
process.exitCode = outcomes.flat().every(Boolean) ? 0 : 1;

function readJson(path, otherwise) {
  try {
    return JSON.parse(readFileSync(join(ROOT, folder, path), "utf8"));
  } catch {
    return otherwise;
  }
}

/** Remembers how long each test file took, also for those that did not run now. */
function keepDurations() {
  const { testResults = [], startTime = 0 } = readJson("test-results/results.json", {});
  if (startTime < startedAt) return;
  for (const { name: path, startTime: from, endTime } of testResults)
    known[relative(join(ROOT, folder), path)] = endTime - from;
  writeFileSync(join(ROOT, folder, "test-results/durations.json"), JSON.stringify(known));
}

/** Runs one check; prints what it said only if it failed. Resolves with whether it passed. */
function check(title, command, args, cwd = ".") {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: join(ROOT, cwd),
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => (output += error.message));
    child.on("close", (code) => {
      console.log(code === 0 ? `== ${title}: passed` : `${output.trim()}\n== ${title}: failed`);
      resolve(code === 0);
    });
  });
}
