// Type-checks the TypeScript samples in the documentation and follows its relative links.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const WORK = join(ROOT, "node_modules/.cache/loom-docs");
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
checkTypes();
for (const problem of problems) console.error(problem);
console.log(`${samples.length} samples and the links of ${pages.length} pages checked`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Every package by its name, as a consumer would have it. */
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
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gmu)].map((match, index) => {
    const line = text.slice(0, match.index).split("\n").length;
    const file = `${page.replaceAll(/[^A-Za-z0-9]/gu, "-")}-${index + 1}.ts`;
    writeFileSync(join(WORK, file), `${match[1]}\nexport {};\n`);
    return { page, line, file };
  });
}

function checkTypes() {
  const config = {
    extends: "@loom/tsconfig/test.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, types: ["node"] },
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
  const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/^```[\s\S]*?^```$/gmu, "");
  for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/gu)) {
    if (/^[a-z]+:/u.test(target) || target.startsWith("#")) continue;
    const path = resolve(join(ROOT, dirname(page)), target.split("#")[0]);
    if (!existsSync(path))
      problems.push(`${page}: the link to "${target}" leads to ${relative(ROOT, path)}, which is not there`);
  }
}
