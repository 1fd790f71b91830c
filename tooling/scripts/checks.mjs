// Runs on Node 18 and newer: no newer syntax.

/**
 * @typedef {object} Check
 * @property {string} name Also the name of its job in `.loom/workflow.yml`.
 * @property {string} task What Turborepo runs: a task of the packages, or `//#` and a script of the root manifest.
 * @property {string[]} [options] More words for Turborepo.
 * @property {"build" | "check" | "package"} stage Where its job stands; `build` is over before any other starts.
 * @property {string[]} [reports] Folders, or parents of folders with a `/*`, that leave a report with counts. The test
 *   cases of such a check are counted one by one; any other check counts as one.
 */

/**
 * All that is checked, for `npm test` and for the workflow of this repository. They start in this order, the longest
 * first.
 *
 * The tests of one package run at a time: each of them uses all cores, and some end-to-end tests suffer from load.
 *
 * @type {readonly Check[]}
 */
export const CHECKS = [
  { name: "build", task: "build", stage: "build" },
  {
    name: "tests",
    task: "test",
    options: ["--concurrency=1"],
    stage: "check",
    reports: ["packages/*", "apps/*"],
  },
  { name: "packed", task: "//#check:packed", stage: "package" },
  { name: "types", task: "//#typecheck", stage: "check" },
  { name: "lint", task: "//#lint", stage: "check" },
  { name: "documents", task: "//#check:docs", stage: "check" },
  { name: "tool-tests", task: "//#test:tooling", stage: "check", reports: ["tooling"] },
  { name: "unused", task: "//#check:unused", stage: "check" },
  { name: "boundaries", task: "//#check:deps", stage: "check" },
  { name: "api-reports", task: "//#check:api", stage: "package" },
  { name: "format", task: "//#check:format", stage: "check" },
  { name: "manifests", task: "//#check:manifests", stage: "check" },
  { name: "file-names", task: "//#check:names", stage: "check" },
];
