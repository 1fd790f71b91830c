// `npm run check:package -- core`: what one package is held to while somebody works on it: format, lint and types, tests, interface.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ENVIRONMENT, ROOT, setUp } from "./setup.mjs";

const [name = "", ...testArguments] = process.argv.slice(2);
const folder = ["packages", "apps"]
  .map((parent) => join(parent, name))
  .find((path) => existsSync(join(ROOT, path, "package.json")));
if (name === "" || folder === undefined) {
  console.error(
    `There is no package "${name}". Name a folder of packages/ or apps/: npm run check:package -- core`,
  );
  process.exit(2);
}

setUp();
const { private: isPrivate } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
const startedAt = Date.now();
const lint = ["--type-aware", "--type-check", "--report-unused-disable-directives-severity", "error", folder];
const outcomes = await Promise.all([
  check("tests", "vitest", ["run", ...testArguments], folder),
  check("lint and types", "oxlint", lint).then(async (linted) => [
    linted,
    await check("format", "oxfmt", ["--check", folder]),
    ...(isPrivate === true
      ? []
      : [await check("interface", "node", ["tooling/scripts/check-api.mjs", name])]),
  ]),
]);
console.log(`${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
process.exitCode = outcomes.flat().every(Boolean) ? 0 : 1;

/** Runs one check; prints what it said only if it failed. Resolves with whether it passed. */
function check(title, command, args, cwd = ".") {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: join(ROOT, cwd),
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", (error) => (output += error.message));
    child.on("close", (code) => {
      console.log(code === 0 ? `== ${title}: passed` : `${output.trim()}\n== ${title}: failed`);
      resolve(code === 0);
    });
  });
}
