import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { epochMs } from "@loom/core";
import { expect, test } from "vitest";
import { Checkout } from "../test/checkout.ts";
import { fingerprint } from "../test/fingerprint.ts";
import { actualTree } from "../test/visible-tree.ts";
import { copyPlace, copyWorkspace } from "./copy-workspace.ts";
import { pruneWorkspaces } from "./prune-workspaces.ts";
import { releaseWorkspace } from "./release-workspace.ts";
import { removeWorkspaces } from "./remove-workspaces.ts";
import type { Workspace } from "./workspace.ts";

async function copyOf(from: Workspace, checkout: Checkout, name = "job"): Promise<Workspace> {
  const made = await copyWorkspace({ from, root: from.root, name, env: checkout.env });
  if (!made.ok) expect.fail(made.error.message);
  return made.value;
}

/** A repository with everything that makes a snapshot differ from a commit. */
function changed(): Checkout {
  const library = Checkout.committed({ "lib.txt": "one\n" });
  const checkout = Checkout.committed({ "a.txt": "a\n", "src/b.txt": "b\n", "gone.txt": "", "tool.sh": "" });
  checkout.git("submodule", "--quiet", "add", library.top, "lib");
  checkout.write(".gitignore", "ignored\n");
  checkout.commit();
  checkout.write("a.txt", "staged\n");
  checkout.git("add", "a.txt");
  checkout.write("a.txt", "changed again\n");
  checkout.remove("gone.txt");
  checkout.chmod("tool.sh", 0o755);
  checkout.write("untracked/new.txt");
  checkout.write("ignored");
  checkout.link("link", "src/b.txt");
  checkout.write("intended");
  checkout.git("add", "-N", "intended");
  checkout.write("lib/lib.txt", "two\n");
  return checkout;
}

test("copyWorkspace() makes an identical copy of a repository, and of a copy of it", async () => {
  const checkout = changed();
  const workspace = await checkout.snapshot();
  const before = fingerprint(workspace.root);
  const copy = await copyOf(workspace, checkout);
  expect(fingerprint(workspace.root)).toStrictEqual(before);
  const again = await copyWorkspace({ from: copy, root: workspace.root, name: "again", env: checkout.env });
  if (!again.ok) expect.fail(again.error.message);
  for (const each of [copy, again.value]) {
    expect(actualTree(each.root)).toStrictEqual(actualTree(workspace.root));
    expect(each.treeHash).toBe(workspace.treeHash);
    expect(checkout.status(each.root)).toStrictEqual(checkout.status(workspace.root));
    expect(checkout.gitIn(each.root, "log", "--format=%s")).toBe(checkout.git("log", "--format=%s"));
    expect(each.checkout).toStrictEqual(workspace.checkout);
  }
});

test("copyWorkspace() copies a plain folder, with the project in the same place", async () => {
  const plain = new Checkout();
  plain.write("a.txt");
  mkdirSync(plain.path("empty"));
  const workspace = await plain.snapshot();
  expect(actualTree((await copyOf(workspace, plain)).root)).toStrictEqual(actualTree(workspace.root));

  const checkout = Checkout.committed({ "packages/app/a.txt": "a\n" });
  const below = await checkout.snapshot({ projectFolder: checkout.path("packages/app") });
  const copy = await copyOf(below, checkout);
  expect(copy.projectFolder).toBe(join(copy.root, "packages/app"));
  expect(copyPlace({ from: below, root: below.root, name: "job" })).toStrictEqual({
    root: copy.root,
    projectFolder: copy.projectFolder,
  });
});

test("copyWorkspace() makes a copy that shares no file, and replaces one of the same name", async () => {
  const checkout = Checkout.committed();
  const workspace = await checkout.snapshot();
  const copy = await copyOf(workspace, checkout);
  writeFileSync(join(copy.root, "a.txt"), "by the job\n");
  writeFileSync(join(copy.root, "left.txt"), "");
  expect(readFileSync(join(workspace.root, "a.txt"), "utf8")).toBe("a\n");
  const second = await copyOf(workspace, checkout);
  expect(second.root).toBe(copy.root);
  expect(actualTree(second.root)).toStrictEqual(actualTree(workspace.root));
});

test("copyWorkspace() makes the copy where an upward search finds no workspace", async () => {
  const checkout = Checkout.committed();
  const { root } = await copyOf(await checkout.snapshot(), checkout);
  for (let folder = dirname(root); folder.startsWith(checkout.cacheHome); folder = dirname(folder))
    expect(existsSync(join(folder, ".git"))).toBe(false);
});

test("copyWorkspace() leaves nothing when it is cancelled, or cannot read its source", async () => {
  const checkout = Checkout.committed();
  const workspace = await checkout.snapshot();
  const options = { from: workspace, root: workspace.root, name: "job", env: checkout.env };
  const { root } = copyPlace(options);
  const cancelled = await copyWorkspace({ ...options, signal: AbortSignal.abort() });
  expect(cancelled).toMatchObject({ ok: false, error: { code: "WORKSPACE_CANCELLED" } });
  expect(existsSync(root)).toBe(false);
  rmSync(join(workspace.root, ".git/HEAD"));
  expect(await copyWorkspace(options)).toMatchObject({ ok: false });
  expect(existsSync(root)).toBe(false);
});

test("copies are kept, in use and removed with their workspace", async () => {
  const checkout = Checkout.committed();
  const old = await checkout.snapshot();
  const copy = await copyOf(old, checkout);
  const others = [await checkout.snapshot(), await checkout.snapshot(), await checkout.snapshot()];
  const place = { projectFolder: checkout.top, cacheHome: checkout.cacheHome, env: checkout.env };
  const prune = () => pruneWorkspaces({ ...place, nowMs: epochMs(1_800_000_000_000) });
  expect(await prune()).toMatchObject({ ok: true, value: { removed: [], inUse: [old.root] } });
  expect(existsSync(copy.root)).toBe(true);
  for (const { root } of [old, ...others]) await releaseWorkspace(root);
  expect(await prune()).toMatchObject({ ok: true, value: { removed: [old.root], failed: [] } });
  expect(existsSync(copy.root)).toBe(false);

  const [kept] = others;
  if (kept === undefined) expect.fail("There is none");
  const big = await copyOf(kept, checkout);
  writeFileSync(join(big.root, "big"), Buffer.alloc(1024 * 1024, 1));
  const cleared = await removeWorkspaces({ ...place, nowMs: epochMs(1_800_000_000_000) });
  if (!cleared.ok) expect.fail(cleared.error.message);
  expect(cleared.value.freedBytes).toBeGreaterThan(1024 * 1024);
  expect(existsSync(dirname(old.root))).toBe(false);
});
