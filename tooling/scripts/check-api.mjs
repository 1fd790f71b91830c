// Holds the public interface of the package in the current folder against its committed report; `--update` writes it.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const folder = process.cwd();
const update = process.argv.includes("--update");
const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const name = basename(folder);
let stale = false;

for (const [entry, target] of Object.entries(manifest.exports)) {
  if (typeof target === "string" || target.types === undefined) continue;
  const suffix = entry === "." ? "" : `-${entry.slice(2).replaceAll("/", "-")}`;
  report(`${name}${suffix}`, resolve(folder, target.types));
}
rmSync(join(folder, "temp"), { recursive: true, force: true });
process.exitCode = stale ? 1 : 0;

function report(reportName, entryPoint) {
  mkdirSync(join(folder, "etc"), { recursive: true });
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(folder, "api-extractor.json"),
    packageJsonFullPath: join(folder, "package.json"),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entryPoint,
      compiler: { tsconfigFilePath: join(folder, "tsconfig.json"), skipLibCheck: true },
      apiReport: {
        enabled: true,
        reportFileName: `${reportName}.api.md`,
        reportFolder: join(folder, "etc"),
        reportTempFolder: join(folder, "temp"),
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
  const path = join(folder, "etc", `${reportName}.api.md`);
  const known = existsSync(path);
  const result = Extractor.invoke(config, {
    localBuild: update,
    messageCallback: (message) => {
      message.handled = message.logLevel !== "error";
    },
  });
  if (update || (known && !result.apiReportChanged && result.succeeded)) return;
  stale = true;
  console.error(
    `etc/${reportName}.api.md is not the public interface: run "pnpm api:update" and review the difference`,
  );
}
