// `npm run test:mutants -- core scheduler`: mutation tests. Breaks a package's sources in one small place after
// another and runs its tests. A mutant that no test detects is printed; if fewer than BREAK percent are
// detected, the command fails. A path names part of a package: `phase-validator/src/rules`.
//
// To keep a mutant at about half a second, the fastest test file comes first, the first failure ends the run,
// Vitest's reporters are off, and properties draw cases only for a moment (`tooling/vitest`). A mutant that
// only more cases would detect counts as missed, so scores are never too high.
//
// Stryker works on a copy of the repository in `temp/`, so the sources are never changed.
import { mkdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { Stryker } from "@stryker-mutator/core";

const ROOT = resolve(import.meta.dirname, "../..");

/** What to mutate in each package, in the order they run. */
const SOURCES = {
  core: ["src"],
  scheduler: ["src"],
  engine: ["src"],
  "phase-validator": ["src"],
  recovery: ["src"],
  artifacts: ["src/write", "src/projection", "src/codec", "src/owner", "src/layout"],
};

/** The minimum detected, in percent. */
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
for (const name of names.length > 0 ? names : Object.keys(SOURCES)) verdicts.push(await testMutants(name));
console.log(`\n${verdicts.join("\n")}`);

/** Runs all mutants of a package, prints the missed ones and returns the summary line. */
async function testMutants(name) {
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

/** The folders to mutate for a name, or the one file that it names. */
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
    // All of the package's tests run, so there is no need to find out which of them load a file.
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
