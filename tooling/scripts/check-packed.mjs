// Packs every public package, installs the tarballs into an empty folder and imports each entry, as a user would.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  const tarballOf = new Map(
    published.map(({ manifest }, index) => [manifest.name, `file:${tarballs[index]}`]),
  );
  for (const { manifest } of published) tryAlone(manifest, tarballOf);
  console.log(`${published.length} packages packed, installed alone and imported`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** Installs one package into an empty folder: what it needs and does not declare is not there. */
function tryAlone(manifest, tarballOf) {
  const folder = join(work, manifest.name.replace("/", "-"));
  mkdirSync(folder);
  const overrides = Object.fromEntries([...tarballOf].filter(([name]) => name !== manifest.name));
  const dependencies = { [manifest.name]: tarballOf.get(manifest.name) };
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module", dependencies, overrides }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], folder);
  for (const entry of Object.keys(manifest.exports ?? {}).filter((name) => !name.endsWith(".json"))) {
    const name = `${manifest.name}${entry.slice(1)}`;
    const script = `if (Object.keys(await import("${name}")).length === 0) throw new Error("${name} exports nothing");`;
    run(process.execPath, ["--input-type=module", "--eval", script], folder);
  }
  checkTypes(manifest, folder);
  if (manifest.bin !== undefined) run(join(folder, "node_modules/.bin/loom"), ["--version"], folder);
}

/** Compiles an import of every entry, its declarations included, as a strict consumer without our settings would. */
function checkTypes(manifest, folder) {
  const entries = Object.entries(manifest.exports ?? {}).filter(([, target]) => target.types !== undefined);
  if (entries.length === 0) return;
  const lines = entries.map(
    ([entry], index) => `export * as entry${index} from "${manifest.name}${entry.slice(1)}";`,
  );
  writeFileSync(join(folder, "consumer.ts"), lines.join("\n"));
  const types = join(ROOT, "packages/artifacts/node_modules/@types");
  const options = "--strict --noEmit --target es2023 --module nodenext --types node --typeRoots".split(" ");
  run(join(ROOT, "node_modules/.bin/tsc"), [...options, types, "consumer.ts"], folder);
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
