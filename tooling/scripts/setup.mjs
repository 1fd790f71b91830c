// Runs on Node 18 and newer, before anything is installed: no dependencies, no newer syntax.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The repository's root. */
export const ROOT = resolve(new URL("../..", import.meta.url).pathname);

const STAMP = join(ROOT, "node_modules/.loom-setup");

/** The package manager that the manifest pins, as `name@version`. */
function packageManager() {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).packageManager;
}

/** A hash of what an installation depends on. If it changes, dependencies are installed again. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const path of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    hash.update(readFileSync(join(ROOT, path)));
  }
  return hash.digest("hex");
}

/**
 * Installs what the lockfile says, unless it is already installed.
 *
 * Node itself is a dependency, so that everything after this runs on the pinned version, whatever the machine has.
 */
export function setUp() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return;
  console.log("Installing dependencies …");
  const { status, error } = spawnSync(
    "npx",
    ["--yes", packageManager(), "install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=error"],
    {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  if (error) fail(`Cannot run npx: ${error.message}. Loom's set-up needs npm beside Node.`);
  if (status !== 0) fail("The dependencies could not be installed; see above for why.");
  writeFileSync(STAMP, wanted);
}

/**
 * The environment of the workspace's tools: the pinned Node, pnpm and the rest come first on `PATH`, so that
 * neither scripts nor Turborepo, which requires pnpm, need them from the machine. Telemetry is off.
 */
export const ENVIRONMENT = {
  ...process.env,
  PATH: `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH}`,
  TURBO_TELEMETRY_DISABLED: "1",
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) setUp();
