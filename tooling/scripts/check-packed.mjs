// Packs every public package, installs the tarballs into an empty folder and imports each entry, as a user would.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const work = mkdtempSync(join(tmpdir(), "loom-packed-"));

try {
  const manifests = ["packages", "apps"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => {
      const path = join(ROOT, folder, name);
      return { path, manifest: JSON.parse(readFileSync(join(path, "package.json"), "utf8")) };
    }),
  );
  const published = manifests.filter(({ manifest }) => manifest.private !== true);
  const tarballs = published.map(({ path }) => pack(path));
  const dependencies = Object.fromEntries(
    published.map(({ manifest }, index) => [manifest.name, `file:${tarballs[index]}`]),
  );
  const consumer = { name: "consumer", private: true, type: "module", dependencies, overrides: dependencies };
  writeFileSync(join(work, "package.json"), JSON.stringify(consumer));
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], work);
  const entries = published.flatMap(({ manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((entry) => !entry.endsWith(".json"))
      .map((entry) => `${manifest.name}${entry.slice(1)}`),
  );
  const lines = entries.map(
    (entry) => `if (Object.keys(await import("${entry}")).length < 0) throw new Error("${entry}");`,
  );
  writeFileSync(join(work, "import-all.mjs"), lines.join("\n"));
  run(process.execPath, ["import-all.mjs"], work);
  run(join(work, "node_modules/.bin/loom"), ["--version"], work);
  console.log(`${published.length} packages packed and installed, ${entries.length} entries imported`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function pack(path) {
  const output = run("pnpm", ["pack", "--json", "--pack-destination", work], path);
  const { filename } = JSON.parse(output.slice(output.indexOf("{")));
  return filename.startsWith("/") ? filename : join(work, filename);
}

function run(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  console.error(`${command} ${args.join(" ")} failed in ${cwd}:\n${stdout}${stderr}${error?.message ?? ""}`);
  process.exit(1);
}
