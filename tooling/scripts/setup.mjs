// Runs on Node 18 and newer, before anything is installed: no dependencies, no newer syntax.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The root of the repository. */
export const ROOT = resolve(new URL("../..", import.meta.url).pathname);

const STAMP = join(ROOT, "node_modules/.loom-setup");

/** The package manager that the manifest pins, as `name@version`. */
function packageManager() {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).packageManager;
}

/** What an installation depends on. Another value means another installation. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const path of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    hash.update(readFileSync(join(ROOT, path)));
  }
  return hash.digest("hex");
}

/**
 * Installs what the lockfile says, unless that was done already.
 *
 * The project's own Node comes along as a dependency, so that everything after
 * this runs on the pinned version whatever the machine has.
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
  if (status !== 0) fail("The dependencies could not be installed; see above for the reason.");
  writeFileSync(STAMP, wanted);
}

/**
 * What the tools of the workspace run with: the pinned Node, pnpm and the rest come first, so that neither a script nor
 * Turborepo, which asks for pnpm, needs one from the machine. Nothing phones home.
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
