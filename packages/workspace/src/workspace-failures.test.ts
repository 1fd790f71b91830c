import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { Checkout } from "../test/checkout.ts";
import { createWorkspace, type WorkspaceOptions } from "./create-workspace.ts";
import type { WorkspaceError } from "./workspace-error.ts";

/** The error of a failing call, with local paths replaced; checks that nothing of the workspace is left. */
async function failureOf(
  checkout: Checkout,
  changed: Partial<WorkspaceOptions> = {},
): Promise<WorkspaceError> {
  const made = await createWorkspace(checkout.options(changed));
  if (made.ok) expect.fail("There is a workspace");
  expect(leftovers(checkout)).toStrictEqual([]);
  const text = JSON.stringify(made.error).replaceAll(dirname(checkout.top), "<base>");
  return JSON.parse(
    text.replaceAll(/project-[0-9a-f]{12}\/loom-run-local-\d+|project-[0-9a-f]{12}/g, "<place>"),
  ) as WorkspaceError;
}

/** The contents of the cache, except the repositories' group folders. */
function leftovers(checkout: Checkout): string[] {
  const workspaces = join(checkout.cacheHome, "loom/workspaces");
  if (!existsSync(workspaces)) return [];
  return readdirSync(workspaces, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.includes("/") && !path.endsWith("/.owners"),
  );
}

/** A fake git that behaves differently in some cases. */
function standIn(checkout: Checkout, script: string): string {
  const path = join(checkout.home, "git");
  writeFileSync(path, `#!/bin/sh\n${script}\nexec git "$@"\n`, { mode: 0o755 });
  return path;
}

describe("createWorkspace() and what can fail", () => {
  test("createWorkspace() reports that git is missing", async () => {
    const checkout = Checkout.committed();
    expect(await failureOf(checkout, { env: { PATH: checkout.home } })).toMatchInlineSnapshot(`
      {
        "code": "WORKSPACE_GIT_MISSING",
        "message": "Cannot start "git", which the snapshot of a git repository needs: it is not on PATH. Install git 2.31 or newer, or work in the folder itself with --in-place",
      }
    `);
  });

  test("createWorkspace() reports that git is too old", async () => {
    const checkout = Checkout.committed();
    const git = standIn(
      checkout,
      'case "$*" in *--version) echo "git version 2.17.1"; exit;; *show-object-format*) echo "unknown" >&2; exit 129;; esac',
    );
    expect(await failureOf(checkout, { git })).toMatchInlineSnapshot(`
      {
        "code": "WORKSPACE_GIT_TOO_OLD",
        "message": "Cannot snapshot "<base>/project": git is 2.17.1, older than 2.31. Install a newer one, or work in the folder itself with --in-place",
        "path": "<base>/project",
      }
    `);
  });

  test("createWorkspace() repeats what git says when it refuses", async () => {
    const checkout = Checkout.committed();
    checkout.write(".git/config", "[core\n");
    expect(await failureOf(checkout)).toMatchInlineSnapshot(`
      {
        "code": "WORKSPACE_GIT_FAILED",
        "message": "Cannot snapshot "<base>/project": "git rev-parse" ended with code 128: fatal: bad config line 1 in file .git/config. See what "git status" says in the repository, or work in the folder itself with --in-place",
        "path": "<base>/project",
      }
    `);
  });

  test("createWorkspace() reports a broken index", async () => {
    const checkout = Checkout.committed();
    checkout.write(".git/index", "DIRC and no more");
    expect((await failureOf(checkout)).code).toBe("WORKSPACE_GIT_FAILED");
  });

  test("createWorkspace() reports a missing object", async () => {
    const checkout = Checkout.committed();
    const sha = checkout.git("rev-parse", "HEAD:a.txt").trim();
    rmSync(checkout.path(".git/objects", sha.slice(0, 2), sha.slice(2)));
    const error = await failureOf(checkout);
    expect(error.code).toBe("WORKSPACE_GIT_FAILED");
    expect(error.message).toContain(sha);
  });

  test("createWorkspace() reports a full disk when git does", async () => {
    const checkout = Checkout.committed();
    const git = standIn(
      checkout,
      'case "$*" in *checkout-index*) echo partial > half; echo "error: unable to write file a.txt: No space left on device" >&2; exit 128;; esac',
    );
    expect(await failureOf(checkout, { git })).toMatchInlineSnapshot(`
      {
        "code": "WORKSPACE_NO_SPACE",
        "message": "Cannot snapshot "<base>/home/.cache/loom/workspaces/<place>": "git checkout-index" ended with code 128: error: unable to write file a.txt: No space left on device. Free some space, remove old workspaces with "loom clean", set XDG_CACHE_HOME to a folder on another disk, or work in the folder itself with --in-place",
        "path": "<base>/home/.cache/loom/workspaces/<place>",
      }
    `);
  });

  test.skipIf(process.getuid?.() === 0)(
    "createWorkspace() says which folder may not be written",
    async () => {
      const checkout = Checkout.committed();
      mkdirSync(checkout.cacheHome);
      chmodSync(checkout.cacheHome, 0o500);
      const error = await failureOf(checkout);
      expect(error.code).toBe("WORKSPACE_NOT_PERMITTED");
    },
  );

  test("createWorkspace() treats a file that git can create but not write as a full disk", async () => {
    const checkout = Checkout.committed();
    const script = `echo "error: unable to write file 'a.txt'" >&2; exit 1`;
    const git = standIn(checkout, `case "$*" in *checkout-index*) ${script};; esac`);
    expect((await failureOf(checkout, { git })).code).toBe("WORKSPACE_NO_SPACE");
  });

  test("createWorkspace() reports that the cache is not a folder", async () => {
    const checkout = Checkout.committed();
    writeFileSync(checkout.cacheHome, "a file");
    expect(await failureOf(checkout)).toMatchInlineSnapshot(`
      {
        "code": "WORKSPACE_IO_FAILED",
        "message": "Cannot make a workspace of "<base>/project": a part of the path is not a folder (ENOTDIR) at "<base>/home/.cache/loom/workspaces/<place>/.owners". Try again, or work in the folder itself with --in-place",
        "path": "<base>/home/.cache/loom/workspaces/<place>/.owners",
      }
    `);
  });

  test("createWorkspace() reports a missing folder", async () => {
    const checkout = Checkout.committed();
    expect(await failureOf(checkout, { projectFolder: checkout.path("nowhere") })).toMatchInlineSnapshot(`
      {
        "code": "WORKSPACE_SOURCE_MISSING",
        "message": "Cannot make a workspace of "<base>/project/nowhere": there is no such folder",
        "path": "<base>/project/nowhere",
      }
    `);
    expect((await failureOf(checkout, { projectFolder: checkout.path("a.txt") })).code).toBe(
      "WORKSPACE_SOURCE_MISSING",
    );
  });

  test("createWorkspace() refuses a cache inside what it snapshots, by whatever path", async () => {
    const checkout = Checkout.committed();
    expect(await failureOf(checkout, { cacheHome: checkout.path("build/cache") })).toMatchInlineSnapshot(`
      {
        "code": "WORKSPACE_CACHE_INSIDE_SOURCE",
        "message": "Cannot make a workspace in "<base>/project/build/cache": it is inside "<base>/project", which would be snapshotted. Set XDG_CACHE_HOME to a folder outside it, or work in the folder itself with --in-place",
        "path": "<base>/project/build/cache",
      }
    `);
    symlinkSync(checkout.top, join(checkout.home, "link"));
    const linked = await failureOf(checkout, { cacheHome: join(checkout.home, "link/cache") });
    expect(linked.code).toBe("WORKSPACE_CACHE_INSIDE_SOURCE");
  });

  test("createWorkspace() gives a run one workspace", async () => {
    const checkout = Checkout.committed();
    const options = checkout.options();
    const both = await Promise.all([createWorkspace(options), createWorkspace(options)]);
    expect(both.map((made) => (made.ok ? "made" : made.error.code)).toSorted()).toStrictEqual([
      "WORKSPACE_EXISTS",
      "made",
    ]);
    const made = both.find((one) => one.ok);
    expect(made?.ok === true && existsSync(join(made.value.root, "a.txt"))).toBe(true);
  });

  test.each(["checkout-index", "status", "for-each-ref", "hash-object"])(
    "createWorkspace() stops and cleans up when it is cancelled during %s",
    async (command) => {
      const checkout = Checkout.committed();
      checkout.write("a.txt", "changed");
      const started = join(checkout.home, "started");
      // Runs until it is killed.
      const git = standIn(
        checkout,
        `case "$*" in *${command}*) mkfifo ${started}.in; echo x > ${started}; exec cat ${started}.in;; esac`,
      );
      execFileSync("mkfifo", [started]);
      const stop = new AbortController();
      const failing = failureOf(checkout, { git, signal: stop.signal });
      const reader = spawn("cat", [started]);
      await once(reader, "close");
      stop.abort();
      expect(await failing).toStrictEqual({
        code: "WORKSPACE_CANCELLED",
        message: "The workspace was not made: cancelled",
      });
    },
  );

  test("createWorkspace() makes nothing for a run that is already cancelled", async () => {
    const checkout = Checkout.committed();
    expect((await failureOf(checkout, { signal: AbortSignal.abort() })).code).toBe("WORKSPACE_CANCELLED");
    expect(existsSync(checkout.cacheHome)).toBe(false);
  });

  test("createWorkspace() starts over when the index changes meanwhile", async () => {
    const checkout = Checkout.committed();
    const onlyOnce = join(checkout.home, "once");
    const git = standIn(
      checkout,
      `case "$*" in *status*) if mkdir ${onlyOnce} 2>/dev/null; then git "$@"; (unset GIT_CONFIG_COUNT; echo late > late.txt; git add late.txt); exit; fi;; esac`,
    );
    const { root, checkout: facts } = await checkout.snapshot({ git });
    expect(facts?.dirtyFiles).toStrictEqual(["late.txt"]);
    expect(existsSync(join(root, "late.txt"))).toBe(true);
  });

  test("createWorkspace() treats a file that vanishes meanwhile as deleted", async () => {
    const checkout = Checkout.committed();
    checkout.write("a.txt", "changed");
    checkout.write("un/tracked");
    const git = standIn(
      checkout,
      `case "$*" in *status*) git "$@"; rm -rf ${checkout.top}/a.txt ${checkout.top}/un; exit;; esac`,
    );
    const { root } = await checkout.snapshot({ git });
    expect(readdirSync(root).toSorted()).toStrictEqual([".git", "src"]);
  });
});
