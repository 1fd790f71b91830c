import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { epochMs, runIdentity, unwrap } from "@loom/core";
import { afterEach, expect, test } from "vitest";
import { createWorkspace } from "./create-workspace.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test("createWorkspace() snapshots a commit, whatever the checkout has, and leaves the checkout unchanged", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-commit-"));
  folders.push(folder);
  const top = join(folder, "repository");
  const project = join(top, "part");
  mkdirSync(project, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", top, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "main");
  writeFileSync(join(project, "file.txt"), "first");
  mkdirSync(join(top, ".loom/.runtime"), { recursive: true });
  writeFileSync(join(top, ".loom/.runtime/old"), "");
  git("add", "-Af");
  git("commit", "-qm", "First\n\nwith more");
  const sha = git("rev-parse", "HEAD");
  writeFileSync(join(project, "file.txt"), "second");
  git("commit", "-qam", "Second");
  writeFileSync(join(project, "file.txt"), "not committed");
  const look = (): string =>
    [git("status", "--porcelain=v2", "--branch"), git("worktree", "list")].join("\n");
  const before = look();

  const options = {
    projectFolder: project,
    cacheHome: join(folder, "cache"),
    env: process.env,
    nowMs: epochMs(1),
  };
  const made = unwrap(await createWorkspace({ ...options, runId: runIdentity(1n).runId, revision: sha }));
  expect(readFileSync(join(made.projectFolder, "file.txt"), "utf8")).toBe("first");
  expect(existsSync(join(made.root, ".loom/.runtime"))).toBe(false);
  expect(made).toMatchObject({
    checkout: { headSha: sha, commitMessage: "First\n\nwith more", dirtyFiles: [], untrackedFiles: [] },
    treeHash: git("rev-parse", `${sha}^{tree}`),
    warnings: [],
  });
  expect(look()).toBe(before);
  const missing = "0".repeat(40);
  expect(
    await createWorkspace({ ...options, runId: runIdentity(2n).runId, revision: missing }),
  ).toMatchObject({ ok: false, error: { code: "WORKSPACE_GIT_FAILED" } });
});
