// `npm run test:mutants -- core scheduler`: do the tests bite? Breaks the sources of a package in one small place after
// another and runs the tests that pass there. A mutant that no test notices is printed; fewer than BREAK of a hundred
// noticed, and the command fails.
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
const unknown = names.filter((name) => !Object.hasOwn(SOURCES, name));
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

/** Runs all mutants of a package, prints those that were missed and answers with the line that sums up. */
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

function optionsFor(name) {
  const folder = `packages/${name}`;
  return {
    testRunner: "vitest",
    plugins: [
      import.meta.resolve("@stryker-mutator/vitest-runner"),
      new URL("unreachable-ignorer.mjs", import.meta.url).href,
    ],
    vitest: { configFile: `${folder}/vitest.config.ts`, dir: folder },
    ignorers: ["unreachable"],
    mutate: SOURCES[name].flatMap((part) => [
      `${folder}/${part}/**/*.ts`,
      `!${folder}/${part}/**/*.test.ts`,
      `!${folder}/${part}/**/index.ts`,
    ]),
    ignorePatterns: ["dist", "examples", "test-results", ".turbo"],
    tempDirName: "temp",
    cleanTempDir: "always",
    disableTypeChecks: false,
    coverageAnalysis: "perTest",
    concurrency: 1,
    thresholds: { high: 100, low: BREAK, break: BREAK },
    reporters: ["html", "json", "progress-append-only"],
    htmlReporter: { fileName: `temp/mutants/${name}.html` },
    jsonReporter: { fileName: `temp/mutants/${name}.json` },
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
