// Checks the manifests of published packages, beyond what sherif checks.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");
const { repository, author, license } = readManifest("package.json");
const ADDRESS = repository.url.replace(/^git\+|\.git$/gu, "");
const problems = [];

for (const path of globSync("{packages,apps}/*/package.json", { cwd: ROOT })) {
  const manifest = readManifest(path);
  if (manifest.private === true) continue;
  checkExports(path, manifest);
  checkPage(path, manifest);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The published package has the same entries as the one used here, without the source conditions. */
function checkExports(path, { exports = {}, publishConfig }) {
  const published = Object.entries(exports).map(([entry, target]) => {
    if (typeof target === "string") return [entry, target];
    const { "@loom/source": _, ...rest } = target;
    return [entry, rest];
  });
  if (!isDeepStrictEqual(publishConfig.exports ?? {}, Object.fromEntries(published)))
    problems.push(`${path}: "publishConfig.exports" must equal "exports" without "@loom/source"`);
}

/** What the package's npm page shows: its origin, as in the root manifest, and its description. */
function checkPage(path, manifest) {
  const directory = dirname(path);
  const wanted = {
    author,
    license,
    repository: { ...repository, directory },
    homepage: `${ADDRESS}/tree/main/${directory}#readme`,
    bugs: `${ADDRESS}/issues`,
  };
  for (const [key, value] of Object.entries(wanted))
    if (!isDeepStrictEqual(manifest[key], value))
      problems.push(`${path}: "${key}" must be ${JSON.stringify(value)}`);
  for (const key of ["description", "keywords"])
    if (!(manifest[key]?.length > 0)) problems.push(`${path}: "${key}" is missing`);
  if (!existsSync(join(ROOT, directory, "README.md")))
    problems.push(`${path}: there is no README.md beside it`);
}

function readManifest(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}
