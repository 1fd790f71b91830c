import { LAYERS } from "./layers.mjs";

/** Files that may import test tools: tests, their fixtures, end-to-end tests, and the testkit itself. */
const TEST_FILES = "[.]test[.]tsx?$|^packages/[^/]+/(test|bench)/|^apps/[^/]+/e2e/|^packages/testkit/";
const CONFIG_FILES = "[.]config[.]ts$";
const NOT_SOURCES = `${TEST_FILES}|${CONFIG_FILES}`;
const WORKSPACE = "^(packages|apps)/([^/]+)/";

/** What is bundled into the page of reports when it is built: nobody installs what it imports. */
const EMBEDDED = "^packages/html-report/src/page(-bundle[.]ts$|/)";

/** @param {readonly string[]} names */
const anyOf = (names) => `(${names.join("|")})`;
/** @param {{ root: string, name: string }} layer */
const folder = (layer) => `^${layer.root}/${layer.name}/`;

/**
 * The rules for one layer.
 *
 * @param {import("./layers.mjs").Layer} layer
 */
function rulesOf(layer) {
  const own = folder(layer);
  const entries = layer.entries ?? [];
  const entryFiles = entries.map((entry) => `${own}src/${entry.name}([.]ts$|/)`);
  const sources = { path: `${own}(src|bin)/`, pathNot: [NOT_SOURCES, ...entryFiles] };
  return [
    ...layerRules(layer.name, layer, sources, layer.mayImport, layer.nodeBuiltins),
    ...entries.flatMap((entry, index) =>
      layerRules(
        `${layer.name}-${entry.name}`,
        layer,
        { path: entryFiles[index], pathNot: NOT_SOURCES },
        [...layer.mayImport, ...entry.mayImport],
        entry.nodeBuiltins,
      ),
    ),
  ];
}

/**
 * @param {string} label
 * @param {import("./layers.mjs").Layer} layer
 * @param {object} from
 * @param {readonly string[]} mayImport
 * @param {boolean} nodeBuiltins
 */
function layerRules(label, layer, from, mayImport, nodeBuiltins) {
  const allowed = [layer.name, ...mayImport];
  const rules = [
    {
      name: `${label}-imports-only-its-layers`,
      comment: `${label} may import ${mayImport.length === 0 ? "no other package" : mayImport.join(", ")}; see tooling/deps/layers.mjs.`,
      severity: "error",
      from,
      to: { path: WORKSPACE, pathNot: `^(packages|apps)/${anyOf(allowed)}/` },
    },
    {
      name: `${label}-third-party`,
      comment: `${label} may import ${layer.thirdParty.length === 0 ? "no npm package" : layer.thirdParty.join(", ")}; a new one needs a line in docs/dependencies.md and in tooling/deps/layers.mjs.`,
      severity: "error",
      from,
      to: {
        path: "(^|/)node_modules/",
        ...(layer.thirdParty.length > 0 && {
          pathNot: `/node_modules/(@types/)?${anyOf(layer.thirdParty)}/`,
        }),
      },
    },
  ];
  if (!nodeBuiltins) {
    rules.push({
      name: `${label}-no-node-builtins`,
      comment: `${label} must not do I/O: pass what it needs through its inputs or a port.`,
      severity: "error",
      from,
      to: { dependencyTypes: ["core"] },
    });
  }
  return rules;
}

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...LAYERS.flatMap(rulesOf),
    {
      name: "no-cycles",
      comment: "Two files that import each other are too entangled: move what both need into a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unknown-packages",
      comment: "Every package needs a row in tooling/deps/layers.mjs.",
      severity: "error",
      from: { path: WORKSPACE, pathNot: LAYERS.map(folder) },
      to: {},
    },
    {
      name: "no-escape-by-path",
      comment: "Import another package by name, never by a path into its folder.",
      severity: "error",
      from: { path: WORKSPACE },
      to: { path: WORKSPACE, pathNot: "^$1/$2/", dependencyTypes: ["local"] },
    },
    {
      name: "testkit-from-tests-only",
      comment: "Test fakes must not be in published code.",
      severity: "error",
      from: { path: WORKSPACE, pathNot: NOT_SOURCES },
      to: { path: "^packages/testkit/" },
    },
    {
      name: "no-tests-from-sources",
      comment: "Sources must not import tests.",
      severity: "error",
      from: { pathNot: TEST_FILES },
      to: { path: "[.]test[.]tsx?$" },
    },
    {
      name: "tooling-from-config-only",
      comment: "Only configuration files may import shared configuration.",
      severity: "error",
      from: { path: WORKSPACE, pathNot: CONFIG_FILES },
      to: { path: "^tooling/" },
    },
    {
      name: "no-undeclared",
      comment: "Declare every imported package in the package's own package.json.",
      severity: "error",
      from: { path: WORKSPACE },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-unresolvable",
      comment: "The import does not resolve.",
      severity: "error",
      from: { path: WORKSPACE },
      to: { couldNotResolve: true },
    },
    {
      name: "no-dev-dependencies",
      comment:
        "Published sources must have their imports under dependencies, to be installed with the package.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: `${NOT_SOURCES}|${EMBEDDED}` },
      to: {
        dependencyTypes: ["npm-dev"],
        dependencyTypesNot: ["type-only"],
        pathNot: "/node_modules/@types/",
      },
    },
  ],
  options: {
    doNotFollow: { path: "(^|/)node_modules/|^tooling/" },
    exclude: { path: "^(packages|apps)/[^/]+/(dist|test-results|[.]loom)/" },
    combinedDependencies: false,
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ["@loom/source", "import", "node", "default", "types"],
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json", ".d.ts"],
    },
  },
};
