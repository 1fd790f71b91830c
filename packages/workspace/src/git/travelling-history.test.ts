import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportHistory } from "./travelling-history.ts";

const ENV = {
  PATH: process.env["PATH"],
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@b",
};
const OPTIONS = { env: ENV, signal: new AbortController().signal };

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd, env: ENV, encoding: "utf8" }).trim();
}

test("exportHistory() brings the commit of a workspace elsewhere, and none before it", async () => {
  const base = mkdtempSync(join(tmpdir(), "loom-history-"));
  const [root, there] = [join(base, "a b"), join(base, "there")];
  mkdirSync(root);
  git(root, "init", "-q");
  writeFileSync(join(root, "file"), "one");
  git(root, "add", ".");
  git(root, "commit", "-qm", "first");
  writeFileSync(join(root, "file"), "two");
  writeFileSync(join(root, "other"), "x");
  git(root, "add", ".");
  git(root, "commit", "-qm", "second");
  writeFileSync(join(root, "other"), "changed");
  writeFileSync(join(root, "new"), "new");
  cpSync(root, there, { recursive: true, filter: (path) => !path.endsWith(".git") });
  expect(await exportHistory(root, join(there, ".git"), OPTIONS)).toEqual({ ok: true, value: undefined });
  expect(git(there, "rev-parse", "HEAD")).toBe(git(root, "rev-parse", "HEAD"));
  expect(git(there, "log", "--format=%s")).toBe("second");
  expect(git(there, "status", "--porcelain")).toBe("M other\n?? new");
  git(there, "commit", "-qam", "third");
  expect(git(there, "show", "HEAD:other")).toBe("changed");
});

test("exportHistory() leaves nothing where there is no commit, and says why", async () => {
  const base = mkdtempSync(join(tmpdir(), "loom-history-"));
  git(base, "init", "-q");
  const to = join(base, "to");
  expect(await exportHistory(base, to, OPTIONS)).toMatchObject({ error: { code: "WORKSPACE_GIT_FAILED" } });
  expect(existsSync(to)).toBe(false);
});
