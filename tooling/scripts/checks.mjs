// Runs on Node 18 and newer: no newer syntax.
import { readdirSync } from "node:fs";

/**
 * @typedef {object} Check
 * @property {string} name Also the name of its job in `.loom/workflow.yml`.
 * @property {string} task What Turborepo runs: a task of the packages, or `//#` and a script of the root manifest.
 * @property {string[]} [options] More words for Turborepo.
 * @property {"build" | "check" | "product"} stage When it starts: once all of the stage before are over.
 * @property {string[]} [reports] Folders that leave a report with counts. The test cases of such a check are counted one
 *   by one; any other check counts as one.
 */

/** In their order. `product` is what users get: the program, the packed packages, their interfaces. */
export const STAGES = ["build", "check", "product"];

const foldersIn = (parent) =>
  readdirSync(new URL(`../../${parent}`, import.meta.url)).map((name) => `${parent}/${name}`);

/** Its test is the longest of all packages, so that it starts beside the others and not after them. */
const SIMULATION = "packages/simulation";

/**
 * All that is checked, for `npm test` and for the workflow of this repository. Those of a stage start in this order,
 * the longest first.
 *
 * Some end-to-end tests of the program suffer from load, so no other tests run beside them.
 *
 * @type {readonly Check[]}
 */
export const CHECKS = [
  { name: "build", task: "build", stage: "build" },
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
