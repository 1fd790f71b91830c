// Runs on Node 18 and newer, so no newer syntax.
import { readdirSync } from "node:fs";

/**
 * @typedef {object} Check
 * @property {string} name Also its job's name in `.loom/workflow.yml`.
 * @property {string} task What Turborepo runs: a package task, or `//#` and a script of the root manifest.
 * @property {string[]} [options] More arguments for Turborepo.
 * @property {"build" | "check" | "product"} stage When it starts: after all checks of the stage before have ended.
 * @property {string[]} [reports] Folders that write a report with counts. Such a check counts its test cases;
 *   any other check counts as one.
 */

/** In order. `product` is what users get: the program, the packed packages, their interfaces. */
export const STAGES = ["build", "check", "product"];

const foldersIn = (parent) =>
  readdirSync(new URL(`../../${parent}`, import.meta.url)).map((name) => `${parent}/${name}`);

/** It has the longest test of all packages, so it starts beside the others, not after them. */
const SIMULATION = "packages/simulation";

/**
 * All checks, for `npm test` and for this repository's workflow. The checks of a stage start in this order, the
 * longest first.
 *
 * Some end-to-end tests are sensitive to load, so no other tests run beside them.
 *
 * @type {readonly Check[]}
 */
export const CHECKS = [
  { name: "build", task: "//#build:libraries", options: ["@loom/loom#build"], stage: "build" },
  {
    name: "tests",
    task: "test",
    options: ["--filter=!@loom/loom", "--filter=!@loom/simulation", "--concurrency=2"],
    stage: "check",
    reports: [...foldersIn("packages").filter((folder) => folder !== SIMULATION), "apps/bench"],
  },
  {
    name: "simulation",
    task: "test",
    options: ["--filter=@loom/simulation"],
    stage: "check",
    reports: [SIMULATION],
  },
  { name: "lint", task: "//#lint", stage: "check" },
  { name: "site", task: "site", stage: "check", reports: ["apps/docs"] },
  { name: "documents", task: "//#check:docs", stage: "check" },
  { name: "tool-tests", task: "//#test:tooling", stage: "check", reports: ["tooling"] },
  { name: "unused", task: "//#check:unused", stage: "check" },
  { name: "boundaries", task: "//#check:deps", stage: "check" },
  { name: "format", task: "//#check:format", stage: "check" },
  { name: "manifests", task: "//#check:manifests", stage: "check" },
  { name: "file-names", task: "//#check:names", stage: "check" },
  {
    name: "program-tests",
    task: "test",
    options: ["--filter=@loom/loom"],
    stage: "product",
    reports: ["apps/loom"],
  },
  { name: "packed", task: "//#check:packed", stage: "product" },
  { name: "api-reports", task: "//#check:api", stage: "product" },
];

/**
 * The checks of these names, or all if there are no names. Later stages read what is built, so whoever asks for one of
 * their checks gets the build, too: with nothing to build, Turborepo takes it from its cache.
 *
 * @param {readonly string[]} names
 * @returns {readonly Check[]}
 */
export function checksNamed(names) {
  const named = CHECKS.filter(({ name }) => names.length === 0 || names.includes(name));
  const [built] = STAGES;
  const isAfterBuild = named.some(({ stage }) => stage !== built);
  return CHECKS.filter((check) => named.includes(check) || (isAfterBuild && check.stage === built));
}
