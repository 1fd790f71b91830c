// Type-checks every package by its own configurations, in one process; `check-types.mjs core cli` looks at those alone.
//
// `tsc -p` for each would check the sources of all packages below it again, since those are read as sources, and its own
// sources with the configuration of the tests as well. Here each file is parsed once, and checked once: by the first
// configuration of its package that includes it, and `tsconfig.json`, the strictest, comes first.
import { globSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const ROOT = resolve(import.meta.dirname, "../..");
const FORMAT = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => ROOT,
  getNewLine: () => "\n",
};

const wanted = process.argv.slice(2);
const configs = globSync(["packages/*/tsconfig*.json", "apps/*/tsconfig*.json"], { cwd: ROOT })
  .filter((path) => wanted.length === 0 || wanted.includes(path.split("/")[1]))
  .toSorted(byPackageAndStrictness);
const unknown = wanted.filter((name) => !configs.some((path) => path.split("/")[1] === name));
if (unknown.length > 0) console.error(`No package is called ${unknown.join(", ")}`);

/** Parsed files by what decides how they are parsed. */
const parsed = new Map();
const checked = new Set();
let found = 0;
for (const path of configs) check(path);
console.log(`${checked.size} files checked by ${configs.length} configurations, ${found} errors`);
process.exitCode = found > 0 || unknown.length > 0 ? 1 : 0;

function byPackageAndStrictness(one, other) {
  const [a, b] = [one, other].map(
    (path) => `${dirname(path)} ${path.endsWith("/tsconfig.json") ? "" : path}`,
  );
  return a < b ? -1 : 1;
}

function check(path) {
  const folder = join(ROOT, dirname(path));
  const config = ts.getParsedCommandLineOfConfigFile(join(ROOT, path), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => tell([diagnostic]),
  });
  if (config === undefined) return;
  const program = ts.createProgram({
    rootNames: config.fileNames,
    options: config.options,
    configFileParsingDiagnostics: config.errors,
    host: sharingHost(config.options),
  });
  tell([
    ...config.errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program
      .getSourceFiles()
      .filter(({ fileName }) => isOwn(fileName, folder) && !checked.has(fileName))
      .flatMap((file) => {
        checked.add(file.fileName);
        return [
          ...program.getSyntacticDiagnostics(file),
          ...program.getSemanticDiagnostics(file),
          ...(config.options.declaration === true ? program.getDeclarationDiagnostics(file) : []),
        ];
      }),
  ]);
}

/** Files of other packages are checked with the configurations of those packages. */
function isOwn(fileName, folder) {
  return fileName.startsWith(`${folder}/`) && !fileName.includes("/node_modules/");
}

/** A host that hands the same parsed file to every program that would parse it alike. */
function sharingHost(options) {
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (fileName, how, ...rest) => {
    const key = JSON.stringify([fileName, how, options.jsx, options.declaration]);
    if (!parsed.has(key)) parsed.set(key, read(fileName, how, ...rest));
    return parsed.get(key);
  };
  return host;
}

function tell(diagnostics) {
  const sorted = ts.sortAndDeduplicateDiagnostics(diagnostics);
  found += sorted.length;
  if (sorted.length > 0) console.error(ts.formatDiagnostics(sorted, FORMAT).trimEnd());
}
