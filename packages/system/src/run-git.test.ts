import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { runGit, type GitEnd } from "./run-git.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "loom-git-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function program(cwd: string, script: string): string {
  const path = join(cwd, "git-as-told");
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function said(end: GitEnd): string {
  return end.kind === "ended" ? end.stdout.toString("utf8").trim() : end.kind;
}

describe("runGit()", () => {
  test("runs no program that somebody configured, and keeps configuration that the caller was given", async () => {
    const cwd = folder();
    const env = { PATH: process.env["PATH"], HOME: cwd, GIT_CONFIG_COUNT: "1" };
    const given = { ...env, GIT_CONFIG_KEY_0: "user.name", GIT_CONFIG_VALUE_0: "given" };
    const git = async (...args: string[]): Promise<string> => said(await runGit({ cwd, args, env: given }));
    await git("init", "--quiet");
    await git("config", "core.fsmonitor", `touch ${join(cwd, "ran")}; false`);
    expect(await git("config", "user.name")).toBe("given");
    await git("status", "--porcelain=v2", "-z");
    expect(existsSync(join(cwd, "ran"))).toBe(false);
  });

  test("gives bytes as they are, what was printed to both, and how it ended", async () => {
    const cwd = folder();
    const told = program(cwd, "cat; printf '\\377'; echo why >&2; exit 3");
    const input = Buffer.from([0, 254]);
    const end = await runGit({ cwd, args: [], env: process.env, program: told, input });
    expect(end).toEqual({
      kind: "ended",
      exitCode: 3,
      stdout: Buffer.from([0, 254, 255]),
      stderr: "why",
    });
  });

  test("tells why there is no end of its own", async () => {
    const cwd = folder();
    const endless = { cwd, args: [], env: process.env, program: program(cwd, "exec yes") };
    expect(await runGit({ ...endless, maxBytes: 1000 })).toEqual({ kind: "printed_too_much" });
    expect(await runGit({ ...endless, timeoutMs: 50 })).toEqual({ kind: "timed_out" });
    expect(await runGit({ ...endless, signal: AbortSignal.abort() })).toEqual({ kind: "stopped" });
    const missing = await runGit({ ...endless, program: "no-such-program" });
    expect(missing).toMatchObject({ kind: "not_started", error: { code: "ENOENT" } });
  });

  test("does not wait for what git started and left behind", async () => {
    const cwd = folder();
    const call = {
      cwd,
      args: [],
      env: process.env,
      program: program(cwd, "sleep 1000 & echo $! > pid; wait"),
    };
    expect(await runGit({ ...call, timeoutMs: 100 })).toEqual({ kind: "timed_out" });
  });
});
