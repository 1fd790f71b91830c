import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  type PathLike,
} from "node:fs";
import { dirname, join } from "node:path";
import { epochMs, type RunId } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { expect } from "vitest";
import { createWorkspace, type WorkspaceOptions } from "../src/create-workspace.ts";
import type { Workspace } from "../src/workspace.ts";

let runs = 0;

/** A real repository that a test changes as a user would. */
export class Checkout {
  readonly top: string;
  /** The user's home and cache, beside the repository. */
  readonly home: string;

  constructor(base: string = temporaryDirectory(), name = "project") {
    this.top = join(base, name);
    this.home = join(base, "home");
    mkdirSync(this.top, { recursive: true });
    mkdirSync(this.home, { recursive: true });
  }

  /** A repository with one commit of some files. */
  static committed(
    files: Readonly<Record<string, string>> = { "a.txt": "a\n", "src/b.txt": "b\n" },
  ): Checkout {
    const checkout = new Checkout().init();
    for (const [path, text] of Object.entries(files)) checkout.write(path, text);
    checkout.commit();
    return checkout;
  }

  get cacheHome(): string {
    return join(this.home, ".cache");
  }

  /** The environment of git and of snapshots, isolated from the machine's configuration. */
  get env(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: this.home,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "protocol.file.allow",
      GIT_CONFIG_VALUE_0: "always",
      GIT_AUTHOR_NAME: "A",
      GIT_AUTHOR_EMAIL: "a@example.com",
      GIT_COMMITTER_NAME: "A",
      GIT_COMMITTER_EMAIL: "a@example.com",
    };
  }

  init(...args: string[]): this {
    this.git("init", "-q", "-b", "main", ...args);
    return this;
  }

  path(...parts: string[]): string {
    return join(this.top, ...parts);
  }

  write(path: string, text: string | Buffer = `${path}\n`): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  link(path: string, aim: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    rmSync(this.path(path), { force: true });
    symlinkSync(aim, this.path(path));
  }

  chmod(path: string, mode: number): void {
    chmodSync(this.path(path), mode);
  }

  move(from: string, to: string): void {
    mkdirSync(dirname(this.path(to)), { recursive: true });
    renameSync(this.path(from), this.path(to));
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true });
  }

  read(path: PathLike): string {
    return readFileSync(path, "utf8");
  }

  git(...args: string[]): string {
    return this.gitIn(this.top, ...args);
  }

  gitIn(cwd: string, ...args: string[]): string {
    return execFileSync("git", args, { cwd, env: this.env, stdio: ["ignore", "pipe", "pipe"] }).toString(
      "utf8",
    );
  }

  commit(message = "All files"): string {
    this.git("add", "-A");
    this.git("commit", "-q", "--allow-empty", "-m", message);
    return this.git("rev-parse", "HEAD").trim();
  }

  /** Options for a new workspace. */
  options(changed: Partial<WorkspaceOptions> = {}): WorkspaceOptions {
    runs += 1;
    return {
      projectFolder: this.top,
      cacheHome: this.cacheHome,
      runId: `loom-run-local-${runs}` as RunId,
      env: this.env,
      nowMs: epochMs(1_700_000_000_000 + runs),
      ...changed,
    };
  }

  /** Makes a workspace, and fails the test if it cannot. */
  async snapshot(changed: Partial<WorkspaceOptions> = {}): Promise<Workspace> {
    const made = await createWorkspace(this.options(changed));
    if (!made.ok) expect.fail(made.error.message);
    return made.value;
  }

  /** The output of `git status` in a folder, without rename detection. */
  status(folder: string = this.top): string[] {
    const args = ["status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all"];
    return this.gitIn(folder, ...args, "--ignore-submodules=none").split("\0");
  }
}
