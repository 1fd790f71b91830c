// Compares the public interface of every package with its committed report. `--update` writes the reports;
// names limit it to those packages: `check-api.mjs --update core`. Reads the build's output.
//
// All entries form one program, so that shared declarations are read once.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { CompilerState, Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const ROOT = resolve(import.meta.dirname, "../..");
const TEMP = join(ROOT, "node_modules/.cache/loom-api");
const update = process.argv.includes("--update");
const wanted = process.argv.slice(2).filter((word) => word !== "--update");
let stale = false;

const folders = globSync("packages/*/package.json", { cwd: ROOT }).map((path) => join(ROOT, dirname(path)));
for (const name of wanted.filter((name) => !folders.some((folder) => basename(folder) === name)))
  fail(`No package is called ${name}`);
const entries = folders.toSorted().flatMap(entriesOf);
for (const { entryPoint } of entries.filter(({ entryPoint }) => !existsSync(entryPoint)))
  fail(`${entryPoint} is missing: run "npm run build"`);
if (!stale) {
  const configs = entries.map(configOf);
  const compilerState = CompilerState.create(configs[0], {
    additionalEntryPoints: entries.slice(1).map(({ entryPoint }) => entryPoint),
  });
  entries.forEach((entry, index) => {
    if (wanted.length === 0 || wanted.includes(basename(entry.folder)))
      report(entry, configs[index], compilerState);
  });
}
rmSync(TEMP, { recursive: true, force: true });
process.exitCode = stale ? 1 : 0;

/** The entries of a package with declarations, each with the name of its report. */
function entriesOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => target.types !== undefined)
    .map(([entry, { types }]) => {
      const suffix = entry === "." ? "" : `-${entry.slice(2).replaceAll("/", "-")}`;
      return {
        folder,
        entryPoint: resolve(folder, types),
        reportFile: `${basename(folder)}${suffix}.api.md`,
      };
    });
}

function configOf({ folder, entryPoint, reportFile }) {
  return ExtractorConfig.prepare({
    configObjectFullPath: join(folder, "api-extractor.json"),
    packageJsonFullPath: join(folder, "package.json"),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entryPoint,
      compiler: {
        overrideTsconfig: {
          extends: join(ROOT, "tooling/tsconfig/ink.json"),
          // The workspace has one version of Node's types; the packages resolve everything else themselves.
          compilerOptions: {
            types: ["node"],
            typeRoots: [join(ROOT, "packages/artifacts/node_modules/@types")],
            customConditions: [],
          },
          files: [entryPoint],
        },
        skipLibCheck: true,
      },
      apiReport: {
        enabled: true,
        reportFileName: reportFile,
        reportFolder: join(folder, "etc"),
        reportTempFolder: TEMP,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: "none" } },
        extractorMessageReporting: {
          default: { logLevel: "none" },
          "ae-forgotten-export": { logLevel: "none", addToApiReportFile: false },
        },
        tsdocMessageReporting: { default: { logLevel: "none" } },
      },
    },
  });
}

function report({ folder, reportFile }, config, compilerState) {
  mkdirSync(join(folder, "etc"), { recursive: true });
  const known = existsSync(join(folder, "etc", reportFile));
  const result = Extractor.invoke(config, {
    compilerState,
    localBuild: update,
    messageCallback: (message) => {
      message.handled = message.logLevel !== "error";
    },
  });
  if (update || (known && !result.apiReportChanged && result.succeeded)) return;
  fail(
    `${basename(folder)}/etc/${reportFile} is not the public interface: run "npm run api:update -- ${basename(folder)}" and review the difference`,
  );
}

function fail(message) {
  stale = true;
  console.error(message);
}
