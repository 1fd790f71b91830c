import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createGit } from "./create-git.ts";

/** A folder with a program called git that does what a script says. */
function folderWithGit(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "loom-git-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "git"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "git"), 0o755);
  return folder;
}

describe("createGit()", () => {
  test("gives what git prints, and why it did not answer", async () => {
    const folder = mkdtempSync(join(tmpdir(), "loom-git-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const git = createGit(folder, { env: { PATH: process.env["PATH"], GIT_CEILING_DIRECTORIES: tmpdir() } });
    expect(await git(["--version"])).toMatchObject({ ok: true });
    expect(await git(["rev-parse", "HEAD"])).toEqual({
      ok: false,
      error: "not a git repository (or any of the parent directories): .git",
    });
    const none = createGit(folder, { env: { PATH: folder } });
    expect(await none(["--version"])).toEqual({
      ok: false,
      error: "git is not installed, or the folder is gone",
    });
  });

  test("asks about the folder it was made for, whatever a hook of another repository set", async () => {
    const folder = folderWithGit('echo "${GIT_DIR-none} ${MAKEFLAGS-none}"');
    const git = createGit(folder, {
      env: { PATH: `${folder}:/bin:/usr/bin`, GIT_DIR: "/x", MAKEFLAGS: "-j" },
    });
    expect(await git(["status"])).toEqual({ ok: true, value: "none none\n" });
  });

  test("gives up a git that hangs, at its limit and when it is told to", async () => {
    const folder = folderWithGit("exec sleep 1000");
    const env = { PATH: `${folder}:/bin:/usr/bin` };
    expect(await createGit(folder, { env, timeoutMs: 50 })(["status"])).toEqual({
      ok: false,
      error: "git took longer than 0.05 s",
    });
    const stop = new AbortController();
    const asked = createGit(folder, { env, signal: stop.signal, timeoutMs: 60_000 })(["status"]);
    stop.abort();
    expect(await asked).toEqual({ ok: false, error: "git was stopped" });
  });
});
