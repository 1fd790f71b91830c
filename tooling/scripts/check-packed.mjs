// Packs every public package, lints the tarballs, installs them, and uses each entry as a user would.
//
// One installation serves all: pnpm gives each package a folder with only its declared dependencies, so an
// undeclared import still fails.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { declaredExports } from "./declared-exports.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const TYPES = join(ROOT, "packages/artifacts/node_modules/@types");
/** What the program may take when it is installed, with all that it needs; and each of its parts. Bytes. */
const MOST_BYTES = 3 * 1024 * 1024;

const work = mkdtempSync(join(tmpdir(), "loom-packed-"));
const problems = [];

try {
  const consumers = pack().map(consumerOf);
  for (const consumer of consumers) await lint(consumer);
  install(consumers);
  for (const consumer of consumers) checkPublished(consumer);
  importEntries(consumers);
  for (const { manifest, folder } of consumers)
    if (manifest.exports === undefined) checkSize(manifest, folder);
  for (const { manifest, folder } of consumers)
    if (manifest.bin !== undefined) run(join(folder, "node_modules/.bin/loom"), ["--version"], folder);
  console.log(`${consumers.length} packages packed, linted, installed and imported`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Creates the tarballs that would be published; returns each manifest with its tarball. */
function pack() {
  const published = ["packages", "apps"]
    .flatMap((parent) => readdirSync(join(ROOT, parent)).map((name) => join(ROOT, parent, name)))
    .map((folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")))
    .filter((manifest) => manifest.private !== true);
  const chosen = published.map(({ name }) => `--filter=${name}`);
  const output = run("pnpm", ["--recursive", ...chosen, "pack", "--json", "--pack-destination", work], ROOT);
  const tarballs = new Map(
    JSON.parse(output.slice(output.indexOf("["))).map(({ name, filename }) => [name, filename]),
  );
  return published.map((manifest) => ({ manifest, tarball: tarballs.get(manifest.name) }));
}

function consumerOf({ manifest, tarball }) {
  const folder = join(work, "consumers", manifest.name.replace("/", "-"));
  const entries = Object.entries(manifest.exports ?? {})
    .filter(([entry]) => !entry.endsWith(".json"))
    .map(([entry, { types }]) => ({ name: `${manifest.name}${entry.slice(1)}`, typed: types !== undefined }));
  return { manifest, tarball, folder, entries };
}

/**
 * Finds mistakes in the exports map, and types that a consumer's module mode cannot resolve. Ignores problems
 * that only affect CommonJS: the packages are ES modules.
 */
async function lint({ manifest, tarball }) {
  const archive = readFileSync(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: arrayBufferOf(archive) }, strict: true });
  problems.push(...messages.map((message) => `${manifest.name}: ${formatMessage(message, pkg)}`));
  if (manifest.exports === undefined) return;
  const { types, problems: wrong = [] } = await checkPackage(createPackageFromTarballData(archive));
  if (types === false) problems.push(`${manifest.name} has no types`);
  for (const problem of wrong)
    if (!["node10", "node16-cjs"].includes(problem.resolutionKind))
      problems.push(`${manifest.name}: types are wrong: ${JSON.stringify(problem)}`);
}

function arrayBufferOf({ buffer, byteOffset, byteLength }) {
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

/** Installs each package as the only dependency of its own consumer. */
function install(consumers) {
  for (const { manifest, tarball, folder } of consumers) {
    mkdirSync(folder, { recursive: true });
    const dependencies = { [manifest.name]: `file:${tarball}` };
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({
        name: manifest.name.replace("@loom/", "of-"),
        private: true,
        type: "module",
        dependencies,
      }),
    );
  }
  const overrides = Object.fromEntries(
    consumers.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]),
  );
  writeFileSync(join(work, "package.json"), JSON.stringify({ private: true, pnpm: { overrides } }));
  writeFileSync(join(work, "pnpm-workspace.yaml"), "packages: [consumers/*]\nhoist: false\n");
  run("pnpm", ["install", "--prefer-offline", "--ignore-scripts", "--reporter=append-only"], work);
}

/** Checks a packed package's manifest. */
function checkPublished({ manifest: { name }, folder }) {
  const published = JSON.parse(readFileSync(join(folder, "node_modules", name, "package.json"), "utf8"));
  if (JSON.stringify(published.exports ?? {}).includes("src/"))
    problems.push(`${name} refers to sources that it does not contain: see "publishConfig" in its manifest`);
  // An exact version installs a second copy of what another package already brings.
  for (const [dependency, range] of Object.entries(published.dependencies ?? {}))
    if (!range.startsWith("^"))
      problems.push(`${name} needs ${dependency} ${range}, which is not a "^" range`);
}

/** The program is one package, and so is each of its parts: without dependencies to fetch, and small. */
function checkSize({ name, dependencies = {} }, folder) {
  const bytes = sizeOf(join(folder, "node_modules", name));
  if (Object.keys(dependencies).length > 0)
    problems.push(`${name} has dependencies, which its size leaves out`);
  if (bytes > MOST_BYTES) problems.push(`${name} takes ${bytes} bytes installed; it may take ${MOST_BYTES}`);
}

function sizeOf(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/**
 * Imports every entry at run time and compiles an import of it, including its declarations, like a strict
 * consumer without our settings. Every value in the declarations has to exist.
 */
function importEntries(consumers) {
  const typed = consumers.filter(({ entries }) => entries.length > 0);
  for (const { folder, entries } of typed) {
    const lines = entries.map(
      ({ name }) => `  ${JSON.stringify(name)}: Object.keys(await import("${name}")),`,
    );
    writeFileSync(join(folder, "found.mjs"), `export const FOUND = {\n${lines.join("\n")}\n};\n`);
    writeFileSync(
      join(folder, "consumer.ts"),
      entries.map(({ name }, index) => `export * as entry${index} from "${name}";\n`).join(""),
    );
  }
  const { declared, errors } = declaredExports(
    typed.map(({ folder, entries }) => ({
      path: join(folder, "consumer.ts"),
      names: entries.map(({ name }) => name),
    })),
    TYPES,
  );
  problems.push(...errors);
  for (const { folder } of typed) {
    const script = 'import { FOUND } from "./found.mjs"; console.log(JSON.stringify(FOUND));';
    const found = JSON.parse(run(process.execPath, ["--input-type=module", "--eval", script], folder));
    for (const [name, values] of Object.entries(found)) compare(name, declared.get(name) ?? [], values);
  }
}

function compare(name, declared, found) {
  if (found.length === 0 && declared.length === 0) problems.push(`${name} exports nothing`);
  const missing = declared.filter((value) => !found.includes(value));
  if (missing.length > 0)
    problems.push(`${name} declares ${missing.join(", ")} in its types but does not export it`);
  const secret = found.filter((value) => !declared.includes(value));
  if (secret.length > 0)
    problems.push(`${name} exports ${secret.join(", ")}, which its types do not declare`);
}

function run(command, args, cwd) {
  const path = `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`;
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: path },
  });
  if (status === 0) return stdout;
  throw new Error(
    `${command} ${args.join(" ")} failed in ${cwd}:\n${stdout}${stderr}${error?.message ?? ""}`,
  );
}
