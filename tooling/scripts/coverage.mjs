// `npm run coverage`: runs the tests of all packages and says which lines no test reached, by package, and in full as pages in
// test-results/coverage. A report, not a gate: `npm run test:mutants` says whether the tests notice anything.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ENVIRONMENT, ROOT, setUp } from "./setup.mjs";

setUp();
const { status } = spawnSync("vitest", ["run", "--coverage", "--reporter=dot", ...process.argv.slice(2)], {
  cwd: ROOT,
  env: ENVIRONMENT,
  stdio: ["ignore", "inherit", "inherit"],
});
const { total, ...files } = JSON.parse(
  readFileSync(join(ROOT, "test-results/coverage/coverage-summary.json"), "utf8"),
);
const packages = new Map();
for (const [path, { lines, branches }] of Object.entries(files)) {
  const [, name = ""] = relative(ROOT, path).split("/");
  const sums = packages.get(name) ?? {
    lines: { covered: 0, total: 0 },
    branches: { covered: 0, total: 0 },
    missed: [],
  };
  packages.set(name, sums);
  for (const [sum, one] of [
    [sums.lines, lines],
    [sums.branches, branches],
  ]) {
    sum.covered += one.covered;
    sum.total += one.total;
  }
  if (lines.covered < lines.total)
    sums.missed.push({
      path: relative(join(ROOT, "packages", name), path),
      lines: lines.total - lines.covered,
    });
}
console.log("\npackage             lines  branches  the files with most lines that no test reached");
for (const [name, { lines, branches, missed }] of [...packages].toSorted(
  ([, a], [, b]) => share(a.lines) - share(b.lines),
)) {
  const worst = missed.toSorted((a, b) => b.lines - a.lines).slice(0, 3);
  const files = worst.map(({ path, lines: count }) => `${path} (${count})`).join(", ");
  console.log(`${name.padEnd(18)}${percent(lines)}  ${percent(branches).padStart(8)}  ${files}`);
}
console.log(`${"all".padEnd(18)}${percent(total.lines)}  ${percent(total.branches).padStart(8)}`);
process.exitCode = status ?? 1;

function share({ covered, total: all }) {
  return all === 0 ? 1 : covered / all;
}

function percent(counts) {
  return `${(share(counts) * 100).toFixed(1)} %`.padStart(7);
}
