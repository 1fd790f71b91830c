import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const REPOSITORY = resolve(import.meta.dirname, "../..");
const MANIFESTS = [
  "packages/*/package.json",
  "packages/*/tsconfig*.json",
  "apps/*/package.json",
  "apps/*/tsconfig*.json",
];

/**
 * Copies the workspace with its real rules and manifests but without its sources, so that a rule can be tested
 * on planted files.
 *
 * The copy is in the system's temporary folder, because the tools skip `node_modules` and everything that git ignores.
 *
 * @param {Readonly<Record<string, string>>} files - Contents by path from the root.
 * @returns The root of the copy; `dispose` removes it.
 */
export function plantWorkspace(files) {
  const root = mkdtempSync(join(tmpdir(), "loom-rules-"));
  const copy = (path) => cpSync(join(REPOSITORY, path), join(root, path), { recursive: true });
  for (const path of [
    // Without it, oxlint follows every link between the packages.
    ".gitignore",
    ".oxlintrc.json",
    "tsconfig.json",
    "package.json",
    "pnpm-workspace.yaml",
    "tooling/tsconfig",
    "tooling/deps",
  ])
    copy(path);
  for (const path of globSync(MANIFESTS, { cwd: REPOSITORY })) copy(path);
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  linkDependencies(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, dispose: () => rmSync(root, { recursive: true, force: true }) };
}

/** Recreates pnpm's links, with workspace packages pointing into the copy. */
function linkDependencies(root) {
  for (const path of globSync(["packages/*/node_modules/{*,@*/*}", "apps/*/node_modules/{*,@*/*}"], {
    cwd: REPOSITORY,
  })) {
    const [, name] = /node_modules\/(@[^/]+\/[^/]+|[^@/][^/]*)$/.exec(path) ?? [];
    if (name === undefined) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(linkTarget(root, path, name), join(root, path));
  }
}

function linkTarget(root, path, name) {
  if (!name.startsWith("@loom/")) return join(REPOSITORY, path);
  const folder = name.slice("@loom/".length);
  if (folder === "tsconfig") return join(root, "tooling/tsconfig");
  if (folder.endsWith("-config")) return join(REPOSITORY, path);
  return join(root, "packages", folder);
}

/** Time limit for a tool, in milliseconds: each takes under two seconds on one core. */
const TOOL_TIMEOUT_MS = 60_000;

/** Runs a workspace tool in a folder and returns its output. */
export function runTool(root, name, args) {
  const { status, stdout, stderr } = spawnSync(join(REPOSITORY, "node_modules/.bin", name), args, {
    cwd: root,
    encoding: "utf8",
    killSignal: "SIGKILL",
    maxBuffer: 64 * 1024 * 1024,
    timeout: TOOL_TIMEOUT_MS,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" },
  });
  return { status, text: `${stdout}${stderr}` };
}
