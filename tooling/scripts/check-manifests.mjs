// Holds what the manifests of published packages must say, beyond what sherif knows.
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

const ROOT = resolve(import.meta.dirname, "../..");
const problems = [];

for (const path of globSync("{packages,apps}/*/package.json", { cwd: ROOT })) {
  const manifest = JSON.parse(readFileSync(join(ROOT, path), "utf8"));
  if (manifest.private === true) continue;
  checkExports(path, manifest);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** What is published has the same entries as what is used here, without the way to the sources. */
function checkExports(path, { exports = {}, publishConfig }) {
  const published = Object.entries(exports).map(([entry, target]) => {
    if (typeof target === "string") return [entry, target];
    const { "@loom/source": _, ...rest } = target;
    return [entry, rest];
  });
  if (!isDeepStrictEqual(publishConfig.exports ?? {}, Object.fromEntries(published)))
    problems.push(`${path}: "publishConfig.exports" are to be its "exports" without "@loom/source"`);
}
