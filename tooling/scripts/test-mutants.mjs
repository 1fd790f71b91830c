// `npm run test:mutants -- core scheduler`: do the tests bite? Breaks the sources of a package in one small place after
// another and runs the tests that pass there. A mutant that no test notices is printed; fewer than BREAK of a hundred
// noticed, and the command fails. Part of a package is named by its path: `phase-validator/src/rules`.
//
// So that a mutant costs about half a second, the quickest test file comes first, the first failure ends the run, no
// reporter of Vitest writes, and a property draws cases for a moment only (`tooling/vitest`). A mutant that only more cases
// would notice counts as missed, so no score is better than the tests are.
//
// Stryker works on a copy of the repository in `temp/`, so the sources themselves are never touched.
import { mkdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { Stryker } from "@stryker-mutator/core";

const ROOT = resolve(import.meta.dirname, "../..");

/** What is mutated of each package, in the order in which they run. */
const SOURCES = {
  core: ["src"],
  scheduler: ["src"],
  engine: ["src"],
  "phase-validator": ["src"],
  recovery: ["src"],
  artifacts: ["src/write", "src/projection", "src/codec", "src/owner", "src/layout"],
};

/** The least that is noticed, of a hundred mutants. */
const BREAK = 85;

const NOTICED = ["Killed", "Timeout"];
const MISSED = ["Survived", "NoCoverage"];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(SOURCES, packageOf(name)));
if (unknown.length > 0) {
  console.error(
    `No mutants are made of ${unknown.join(", ")}. There are: ${Object.keys(SOURCES).join(", ")}`,
  );
  process.exit(2);
}

process.chdir(ROOT);
mkdirSync("temp", { recursive: true });
const verdicts = [];
for (const name of names.length > 0 ? names : Object.keys(SOURCES)) verdicts.push(await judge(name));
console.log(`\n${verdicts.join("\n")}`);

/** Runs all mutants of a package, prints those that were missed and returns the line that sums up. */
async function judge(name) {
  console.log(`.. ${name}`);
  const startedAt = Date.now();
  const results = await new Stryker(optionsFor(name)).runMutationTest();
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  for (const result of results.filter(({ status }) => MISSED.includes(status))) console.log(lineOf(result));
  const count = (...wanted) => results.filter(({ status }) => wanted.includes(status)).length;
  const score = (100 * count(...NOTICED)) / count(...NOTICED, ...MISSED);
  return [
    `== ${name}: ${score.toFixed(1)} %${score < BREAK ? `, less than ${BREAK} %` : ""}`,
    `${count("Killed")} killed`,
    `${count("Timeout")} timed out`,
    `${count("Survived")} survived`,
    `${count("NoCoverage")} not reached by a test`,
    `${seconds} s`,
  ].join(", ");
}

function packageOf(name) {
  return name.split("/", 1)[0];
}

/** The folders that are mutated for a name, or the one file that it names. */
function partsOf(name) {
  if (name.includes("/")) return [`packages/${name}`];
  return SOURCES[name].map((part) => `packages/${name}/${part}`);
}

function optionsFor(name) {
  const folder = `packages/${packageOf(name)}`;
  const report = `temp/mutants/${name.replaceAll("/", "-")}`;
  return {
    testRunner: "vitest",
    plugins: [
      import.meta.resolve("@stryker-mutator/vitest-runner"),
      new URL("unreachable-ignorer.mjs", import.meta.url).href,
    ],
    // All tests of the package are asked, so nobody needs to work out which of them load a file.
    vitest: { configFile: `${folder}/vitest.config.ts`, dir: folder, related: false },
    ignorers: ["unreachable"],
    mutate: [
      ...partsOf(name).map((part) => (part.endsWith(".ts") ? part : `${part}/**/*.ts`)),
      `!${folder}/**/*.test.ts`,
      `!${folder}/**/index.ts`,
    ],
    ignorePatterns: ["dist", "examples", "test-results", ".turbo"],
    tempDirName: "temp",
    cleanTempDir: "always",
    disableTypeChecks: false,
    coverageAnalysis: "perTest",
    concurrency: 1,
    thresholds: { high: 100, low: BREAK, break: BREAK },
    reporters: ["html", "json", "progress-append-only"],
    htmlReporter: { fileName: `${report}.html` },
    jsonReporter: { fileName: `${report}.json` },
    warnings: { slow: false },
    logLevel: "warn",
    allowConsoleColors: false,
  };
}

function lineOf({ fileName, location, mutatorName, replacement, status }) {
  const place = `${relative(ROOT, fileName)}:${location.start.line}:${location.start.column}`;
  const missed = status === "NoCoverage" ? "not reached" : "survived";
  return `${place} ${missed}: ${mutatorName} ${JSON.stringify(replacement?.replaceAll(/\s+/gu, " ").slice(0, 70))}`;
}
