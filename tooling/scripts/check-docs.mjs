// Type-checks the TypeScript samples in the documentation, follows its relative links, and checks the commands
// it names. A package's README on npm must name what its samples need, and its first sample is run.
import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fencedBlocks, sampleKind, withoutFencedBlocks } from "./fenced-blocks.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const WORK = join(ROOT, "node_modules/.cache/loom-docs");
/** Words after `npm` that are not our scripts. */
const OF_NPM_ITSELF = new Set(["install", "i", "ci", "exec", "create", "pack", "publish", "link"]);
/** The address of this repository. Published READMEs link there, as they are shipped without its other files. */
const FILES = `${readManifest("package.json").repository.url.replace(/^git\+|\.git$/gu, "")}/blob/main/`;
const problems = [];

const { stdout } = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: ROOT,
  encoding: "utf8",
});
const pages = stdout
  .split("\n")
  .filter(
    (path) =>
      path !== "" &&
      !path.startsWith(".changeset/") &&
      !path.endsWith(".api.md") &&
      !path.endsWith("CHANGELOG.md"),
  )
  .filter((path) => existsSync(join(ROOT, path)));

rmSync(WORK, { recursive: true, force: true });
mkdirSync(WORK, { recursive: true });
linkPackages();
const samples = pages.flatMap(extractSamples);
for (const page of pages) checkLinks(page);
checkCommands();
checkTypes();
const libraries = pages.filter((page) => page.startsWith("packages/") && isPublished(page));
for (const page of libraries) checkInstallLine(page);
checkNodeTypes(libraries);
await runFirstSamples(libraries);
for (const problem of problems) console.error(problem);
console.log(`${samples.length} samples and the links of ${pages.length} pages checked`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Links every package by name, as a consumer would have it. */
function linkPackages() {
  const scope = join(WORK, "node_modules/@loom");
  mkdirSync(scope, { recursive: true });
  for (const name of readdirSync(join(ROOT, "packages")))
    symlinkSync(join(ROOT, "packages", name), join(scope, name));
  symlinkSync(join(ROOT, "tooling/tsconfig"), join(scope, "tsconfig"));
  mkdirSync(join(WORK, "node_modules/@types"), { recursive: true });
  symlinkSync(
    join(ROOT, "packages/artifacts/node_modules/@types/node"),
    join(WORK, "node_modules/@types/node"),
  );
}

function extractSamples(page) {
  const blocks = fencedBlocks(readFileSync(join(ROOT, page), "utf8"));
  for (const { info, line } of blocks) {
    if (sampleKind(info) === "invalid")
      problems.push(
        `${page}:${line}: mark the sample "ts", or "ts no-check: <reason>", instead of "${info}"`,
      );
  }
  return blocks
    .filter(({ info }) => sampleKind(info) === "compile")
    .map(({ code, line }, index) => {
      const file = `${page.replaceAll(/[^A-Za-z0-9]/gu, "-")}-${index + 1}.ts`;
      writeFileSync(join(WORK, file), `${code}\nexport {};\n`);
      return { page, line, file };
    });
}

function checkTypes() {
  const config = {
    extends: "@loom/tsconfig/test.json",
    compilerOptions: {
      // The built declarations, as a reader has them. `lint` checks the sources.
      customConditions: [],
      noUnusedLocals: false,
      noUnusedParameters: false,
      types: ["node"],
    },
    include: ["*.ts"],
  };
  writeFileSync(join(WORK, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout: output } = spawnSync(
    join(ROOT, "node_modules/.bin/tsc"),
    ["-p", WORK, "--pretty", "false"],
    { cwd: WORK, encoding: "utf8" },
  );
  if (status === 0) return;
  for (const line of output.trim().split("\n")) {
    const sample = samples.find(({ file }) => line.startsWith(file));
    problems.push(sample === undefined ? line : `${sample.page}:${sample.line} (sample) ${line}`);
  }
}

function checkLinks(page) {
  const text = withoutFencedBlocks(readFileSync(join(ROOT, page), "utf8"));
  for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/gu)) {
    if (target.startsWith("#") || (/^[a-z]+:/u.test(target) && !target.startsWith(FILES))) continue;
    if (!target.startsWith(FILES) && isPublished(page))
      problems.push(`${page}: the link to "${target}" is broken on npm: start it with ${FILES}`);
    const path = target.startsWith(FILES)
      ? join(ROOT, target.slice(FILES.length).split("#")[0])
      : resolve(join(ROOT, dirname(page)), target.split("#")[0]);
    if (!existsSync(path))
      problems.push(
        `${page}: the link to "${target}" leads to ${relative(ROOT, path)}, which does not exist`,
      );
  }
}

/** A page's install line must cover the imports of its samples. */
function checkInstallLine(page) {
  const text = readFileSync(join(ROOT, page), "utf8");
  const installed = fencedBlocks(text)
    .filter(({ info }) => info === "sh")
    .flatMap(({ code }) => /^npm install (.+)$/mu.exec(code)?.[1].split(" ") ?? []);
  const imported = fencedBlocks(text)
    .filter(({ info }) => sampleKind(info) === "compile")
    .flatMap(({ code }) => [...code.matchAll(/\b(?:from|import\()\s*"([^"]+)"/gu)])
    .map(([, specifier]) => /^(?:@[^/]+\/)?[^/]+/u.exec(specifier)[0])
    .filter((name) => !name.startsWith("node:") && !name.startsWith("."));
  for (const name of new Set([readManifest(join(dirname(page), "package.json")).name, ...imported]))
    if (!installed.includes(name)) problems.push(`${page}: "npm install …" does not name ${name}`);
}

/** If a page does not name Node's types, its package's declarations must not need them. */
function checkNodeTypes(readmes) {
  const folder = join(WORK, "without-node");
  mkdirSync(folder);
  const entries = readmes
    .filter((page) => !readFileSync(join(ROOT, page), "utf8").includes("npm install --save-dev @types/node"))
    .map((page) => readManifest(join(dirname(page), "package.json")))
    .flatMap(({ name, exports }) => Object.keys(exports).map((entry) => `${name}${entry.slice(1)}`))
    .filter((name) => !name.endsWith(".json"));
  writeFileSync(
    join(folder, "entries.ts"),
    entries.map((name, index) => `export * as entry${index} from "${name}";\n`).join(""),
  );
  const compilerOptions = {
    noEmit: true,
    strict: true,
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    types: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const { status, stdout: output } = spawnSync(
    join(ROOT, "node_modules/.bin/tsc"),
    ["-p", folder, "--pretty", "false"],
    { cwd: folder, encoding: "utf8" },
  );
  if (status !== 0)
    problems.push(
      `a README without "npm install --save-dev @types/node" is of a package that needs it:\n${output}`,
    );
}

/** Runs each page's first sample as if a reader had pasted it into a file. It has to print something. */
async function runFirstSamples(readmes) {
  const folder = mkdtempSync(join(tmpdir(), "loom-samples-"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(WORK, "node_modules"), join(folder, "node_modules"));
  const env = { ...process.env, HOME: folder, XDG_CACHE_HOME: join(folder, "cache") };
  await Promise.all(
    readmes.map((page) => {
      const cwd = join(folder, basename(dirname(page)));
      mkdirSync(cwd);
      const sample = samples.find((one) => one.page === page);
      if (sample === undefined) return problems.push(`${page} has no sample`);
      writeFileSync(join(cwd, "sample.ts"), readFileSync(join(WORK, sample.file)));
      return new Promise((done) => {
        execFile(
          process.execPath,
          ["sample.ts"],
          { cwd, env, timeout: 60_000 },
          (error, printed, problem) => {
            if (error !== null) problems.push(`${page}:${sample.line} (sample) does not run: ${problem}`);
            else if (printed === "") problems.push(`${page}:${sample.line} (sample) prints nothing`);
            done();
          },
        );
      });
    }),
  );
  rmSync(folder, { recursive: true, force: true });
}

/** Whether a page is a package's README on npm. */
function isPublished(page) {
  return (
    /^(packages|apps)\/[^/]+\/README\.md$/u.test(page) &&
    readManifest(join(dirname(page), "package.json")).private !== true
  );
}

function readManifest(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

/** Every `npm` script and `loom` command in a `sh` block of a page at the root must exist. */
function checkCommands() {
  const { scripts } = readManifest("package.json");
  const commands = loomCommands();
  for (const page of pages.filter((path) => !path.includes("/"))) {
    for (const { info, code, line } of fencedBlocks(readFileSync(join(ROOT, page), "utf8"))) {
      if (info !== "sh") continue;
      code.split("\n").forEach((text, index) => {
        const [, script] = /^(?:npm|pnpm) (?:run )?(?:--\S+ )*([a-z][\w:-]*)/u.exec(text) ?? [];
        if (script !== undefined && !(script in scripts) && !OF_NPM_ITSELF.has(script))
          problems.push(`${page}:${line + 1 + index}: "${script}" is not a script of package.json`);
        const [, command] = /^(?:npx )?loom ([a-z]+)/u.exec(text) ?? [];
        if (command !== undefined && !commands.has(command))
          problems.push(`${page}:${line + 1 + index}: loom has no command "${command}"`);
      });
    }
  }
}

/** The commands listed in the built program's help. */
function loomCommands() {
  const { stdout: help } = spawnSync(process.execPath, [join(ROOT, "apps/loom/bin/loom.cjs"), "--help"], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const list = help.split("\nCommands:\n")[1]?.split("\n\n")[0] ?? "";
  return new Set([...list.matchAll(/^ {2}([a-z]+)/gmu)].map(([, name]) => name));
}
