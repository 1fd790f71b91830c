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
 * Makes a copy of the workspace with its real rules and manifests and none of
 * its sources, so that a rule can be tried on planted files.
 *
 * It lies in the system's temporary folder, because the tools skip
 * `node_modules` and everything that git ignores.
 *
 * @param {Readonly<Record<string, string>>} files - Text by path from the root.
 * @returns The root of the copy; `dispose` removes it.
 */
export function plantWorkspace(files) {
  const root = mkdtempSync(join(tmpdir(), "loom-rules-"));
  const copy = (path) => cpSync(join(REPOSITORY, path), join(root, path), { recursive: true });
  for (const path of [
    // Without it oxlint walks through every link between the packages.
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

/** Links what pnpm linked, with workspace packages leading into the copy. */
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

/** Longest a tool may take, in milliseconds: each of them needs under two seconds on one core. */
const TOOL_TIMEOUT_MS = 60_000;

/** Runs a tool of the workspace in a folder and returns all it wrote. */
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
