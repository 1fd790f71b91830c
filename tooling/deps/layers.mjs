/**
 * Which package may import what, as data.
 *
 * dependency-cruiser's rules are generated from it, and a check compares it with the table in ARCHITECTURE.md.
 *
 * @typedef {object} Layer
 * @property {string} name - Folder below `packages/` (or `apps/`).
 * @property {"packages" | "apps"} root - Where that folder is.
 * @property {"app" | "edge" | "ports" | "pure" | "base" | "test"} level - Its row in the drawing.
 * @property {readonly string[]} mayImport - Workspace packages, by folder name.
 * @property {readonly string[]} thirdParty - npm packages its sources may import.
 * @property {boolean} nodeBuiltins - Whether its sources may import `node:*`.
 * @property {readonly LayerEntry[]} [entries] - Entries with different rules.
 *
 * @typedef {object} LayerEntry
 * @property {string} name - Entry name as in the exports map, without `./`.
 * @property {readonly string[]} mayImport - Added to the layer's own.
 * @property {boolean} nodeBuiltins - Whether this entry may import `node:*`.
 */

/** @type {readonly Layer[]} */
export const LAYERS = [
  { name: "core", root: "packages", level: "base", mayImport: [], thirdParty: [], nodeBuiltins: false },
  {
    name: "scheduler",
    root: "packages",
    level: "pure",
    mayImport: ["core"],
    thirdParty: [],
    nodeBuiltins: false,
  },
  {
    name: "workflow",
    root: "packages",
    level: "pure",
    mayImport: ["core"],
    thirdParty: ["re2js", "yaml", "zod"],
    nodeBuiltins: false,
  },
  {
    name: "record",
    root: "packages",
    level: "pure",
    mayImport: ["core"],
    thirdParty: [],
    nodeBuiltins: false,
  },
  {
    name: "phase-validator",
    root: "packages",
    level: "pure",
    mayImport: ["core", "record"],
    thirdParty: [],
    nodeBuiltins: false,
    entries: [{ name: "directory", mayImport: ["system"], nodeBuiltins: true }],
  },
  {
    name: "ports",
    root: "packages",
    level: "ports",
    mayImport: ["core"],
    thirdParty: [],
    nodeBuiltins: false,
  },
  {
    name: "contract-suites",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports"],
    thirdParty: [],
    nodeBuiltins: true,
  },
  {
    name: "system",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports"],
    thirdParty: [],
    nodeBuiltins: true,
  },
  {
    name: "engine",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports", "scheduler"],
    thirdParty: [],
    nodeBuiltins: false,
  },
  {
    name: "artifacts",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports", "record", "system"],
    thirdParty: ["zod"],
    nodeBuiltins: true,
  },
  {
    name: "diagnosis",
    root: "packages",
    level: "edge",
    mayImport: ["artifacts", "core", "record", "scheduler", "system"],
    thirdParty: ["re2js", "saxes", "zod"],
    nodeBuiltins: true,
  },
  {
    name: "recovery",
    root: "packages",
    level: "edge",
    mayImport: ["artifacts", "core", "phase-validator", "record", "scheduler", "system"],
    thirdParty: [],
    nodeBuiltins: true,
  },
  {
    name: "provider-docker",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports", "system"],
    thirdParty: ["@balena/dockerignore", "dockerode", "tar"],
    nodeBuiltins: true,
  },
  {
    name: "provider-host",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports", "system"],
    thirdParty: [],
    nodeBuiltins: true,
  },
  {
    name: "control",
    root: "packages",
    level: "edge",
    mayImport: ["core", "system"],
    thirdParty: [],
    nodeBuiltins: true,
  },
  {
    name: "secrets",
    root: "packages",
    level: "edge",
    mayImport: ["core", "system"],
    thirdParty: ["hash-wasm", "kdbxweb"],
    nodeBuiltins: true,
  },
  {
    name: "workspace",
    root: "packages",
    level: "edge",
    mayImport: ["core", "system"],
    thirdParty: ["ignore"],
    nodeBuiltins: true,
  },
  {
    name: "cache",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports", "system"],
    thirdParty: ["picomatch"],
    nodeBuiltins: true,
  },
  {
    name: "reporters",
    root: "packages",
    level: "edge",
    mayImport: ["core", "ports", "record"],
    thirdParty: ["string-width"],
    nodeBuiltins: false,
  },
  {
    name: "cli",
    root: "packages",
    level: "edge",
    mayImport: ["artifacts", "core", "diagnosis", "ports", "record", "reporters", "system"],
    thirdParty: ["ink", "re2js", "react"],
    nodeBuiltins: true,
  },
  {
    name: "runner",
    root: "packages",
    level: "edge",
    mayImport: [
      "artifacts",
      "cache",
      "control",
      "core",
      "diagnosis",
      "engine",
      "phase-validator",
      "ports",
      "provider-docker",
      "provider-host",
      "record",
      "recovery",
      "reporters",
      "scheduler",
      "secrets",
      "system",
      "workflow",
      "workspace",
    ],
    thirdParty: [],
    nodeBuiltins: true,
  },
  {
    name: "mcp",
    root: "packages",
    level: "edge",
    mayImport: ["artifacts", "core", "diagnosis", "phase-validator", "reporters", "runner", "system"],
    thirdParty: ["@modelcontextprotocol/sdk", "zod"],
    nodeBuiltins: true,
  },
  {
    name: "testkit",
    root: "packages",
    level: "test",
    mayImport: ["contract-suites", "core", "phase-validator", "ports", "record", "scheduler", "workflow"],
    thirdParty: ["fast-check", "vitest"],
    nodeBuiltins: true,
  },
  {
    name: "simulation",
    root: "packages",
    level: "test",
    mayImport: [
      "artifacts",
      "core",
      "engine",
      "phase-validator",
      "ports",
      "record",
      "recovery",
      "scheduler",
      "system",
    ],
    thirdParty: [],
    nodeBuiltins: true,
  },
  {
    name: "bench",
    root: "apps",
    level: "app",
    mayImport: ["core", "diagnosis", "scheduler", "workflow"],
    thirdParty: ["@lydell/node-pty"],
    nodeBuiltins: true,
  },
  {
    name: "loom",
    root: "apps",
    level: "app",
    mayImport: [
      "artifacts",
      "cache",
      "cli",
      "control",
      "core",
      "diagnosis",
      "mcp",
      "phase-validator",
      "ports",
      "provider-docker",
      "provider-host",
      "reporters",
      "runner",
      "secrets",
      "system",
      "workflow",
      "workspace",
    ],
    thirdParty: ["commander", "ink", "react", "yaml", "zod"],
    nodeBuiltins: true,
  },
];

/** Packages without any I/O in their sources; each extends `@loom/tsconfig/pure.json`. */
export const PURE_LAYERS = LAYERS.filter((layer) => layer.level === "pure" || layer.level === "base").map(
  (layer) => layer.name,
);
