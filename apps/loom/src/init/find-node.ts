import type { FindEcosystem, StarterJob } from "./starter-job.ts";

interface PackageManager {
  readonly name: string;
  readonly lockFiles: readonly string[];
  /** Installs what the lock file says. */
  readonly install: readonly string[];
  /** Installs without a lock file. */
  readonly update: string;
  /** Keeps downloads below the project, where a cache can hold them. */
  readonly downloads: string;
  readonly variables?: Readonly<Record<string, string>>;
}

const NPM: PackageManager = {
  name: "npm",
  lockFiles: ["package-lock.json", "npm-shrinkwrap.json"],
  install: ["npm ci --cache .npm --prefer-offline --no-audit --no-fund"],
  update: "npm install --no-audit --no-fund",
  downloads: ".npm",
};

const YARN_CLASSIC: PackageManager = {
  name: "yarn",
  lockFiles: ["yarn.lock"],
  install: ["yarn install --frozen-lockfile"],
  update: "yarn install",
  downloads: ".yarn-cache",
  variables: { YARN_CACHE_FOLDER: ".yarn-cache" },
};

const YARN: PackageManager = {
  ...YARN_CLASSIC,
  install: ["yarn install --immutable"],
  downloads: ".yarn/cache",
  variables: { YARN_ENABLE_GLOBAL_CACHE: "false" },
};

/** In the order in which a lock file decides. */
const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    name: "pnpm",
    lockFiles: ["pnpm-lock.yaml"],
    install: ["pnpm install --frozen-lockfile --store-dir .pnpm-store"],
    update: "pnpm install",
    downloads: ".pnpm-store",
  },
  YARN_CLASSIC,
  {
    name: "bun",
    lockFiles: ["bun.lock", "bun.lockb"],
    install: ["bun install --frozen-lockfile"],
    update: "bun install",
    downloads: ".bun-cache",
    variables: { BUN_INSTALL_CACHE_DIR: ".bun-cache" },
  },
  NPM,
];

/** Scripts that become jobs of the same name. */
const SCRIPTS = [
  { name: "lint", stage: "check" },
  { name: "typecheck", stage: "check" },
  { name: "build", stage: "build" },
  { name: "test", stage: "test" },
] as const;

/** What `npm init` writes for want of a test; it always fails. */
const NO_TEST = "no test specified";

/** Finds a project of npm, pnpm, yarn or bun. */
export const findNode: FindEcosystem = (files) => {
  const manifest = parseManifest(files.text("package.json"));
  if (manifest === undefined) return undefined;
  const byLockFile = PACKAGE_MANAGERS.find(({ lockFiles }) => files.lockFile(lockFiles) !== undefined);
  const field = manifest["packageManager"];
  const named = typeof field === "string" ? field : "";
  const known = byLockFile ?? PACKAGE_MANAGERS.find(({ name }) => named.startsWith(`${name}@`)) ?? NPM;
  const isClassic = files.text("yarn.lock")?.includes("# yarn lockfile v1") ?? /^yarn@[01]\./u.test(named);
  const manager = known === YARN_CLASSIC && !isClassic ? YARN : known;
  const lockFile = files.lockFile(manager.lockFiles);

  const hasDependencies = ["dependencies", "devDependencies", "optionalDependencies", "workspaces"].some(
    (key) => Object.keys(recordOf(manifest[key])).length > 0,
  );
  const install: StarterJob | undefined =
    lockFile !== undefined
      ? {
          name: "install",
          stage: "setup",
          script: manager.install,
          ...(manager.variables !== undefined && { variables: manager.variables }),
          cache: { prefix: manager.name, paths: [manager.downloads], lockFile },
        }
      : hasDependencies
        ? { name: "install", stage: "setup", script: [manager.update] }
        : undefined;

  const scripts = recordOf(manifest["scripts"]);
  const there = SCRIPTS.filter(({ name }) => {
    const script = scripts[name];
    return typeof script === "string" && script !== "" && !script.includes(NO_TEST);
  });
  const hasBuild = there.some(({ name }) => name === "build");
  const jobs = there.map(({ name, stage }): StarterJob => {
    const needs = name === "test" && hasBuild ? ["build"] : install === undefined ? [] : ["install"];
    return { name, stage, script: [`${manager.name} run ${name}`], ...(needs.length > 0 && { needs }) };
  });
  const all = install === undefined ? jobs : [install, ...jobs];
  if (all.length === 0) return undefined;
  const found = ["package.json", ...(lockFile === undefined ? [] : [lockFile])].join(", ");
  return { prefix: manager.name, found: `${found} (${manager.name})`, jobs: all };
};

function parseManifest(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text?.replace(/^\uFEFF/u, "") ?? "null");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? recordOf(value) : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
