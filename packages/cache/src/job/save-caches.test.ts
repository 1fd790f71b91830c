import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GraphCache, When } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { makeStore } from "../../test/make-store.ts";
import { planCache } from "../../test/plan-cache.ts";
import { testClock } from "../../test/test-clock.ts";
import { createCacheStore } from "../store/cache-store.ts";
import { listCache } from "../store/list-cache.ts";
import { quarantineCaches } from "../store/quarantine.ts";
import { storePaths } from "../store/store-paths.ts";
import { restoreCaches } from "./restore-caches.ts";
import { saveCaches, type SavedCache } from "./save-caches.ts";

function workspaceWith(content: string): string {
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps"));
  writeFileSync(join(workspace, "deps", "file"), content);
  return workspace;
}

function outcome(saved: SavedCache | undefined): string {
  return saved?.saved === true ? "saved" : (saved?.reason ?? "");
}

test.each<[GraphCache["policy"], When, "success" | "failed", boolean, string]>([
  ["pull-push", "on_success", "success", true, "saved"],
  ["pull-push", "on_success", "failed", true, "when"],
  ["pull-push", "on_failure", "success", true, "when"],
  ["pull-push", "on_failure", "failed", true, "saved"],
  ["pull-push", "always", "failed", true, "saved"],
  ["pull", "always", "success", true, "policy"],
  ["push", "always", "success", false, "saved"],
])("a cache with policy %s and when %s, after %s", async (policy, when, status, restores, expected) => {
  const { store } = makeStore();
  const workspace = workspaceWith("x");
  const [first, second] = [
    await planCache(workspace, { policy, when }),
    await planCache(workspace, { policy, when, key: "other" }),
  ];
  await saveCaches(store, [await planCache(workspace)], { workspace, status: "success", restored: [] });

  const [restored] = await restoreCaches(store, [first], { workspace: temporaryDirectory() });
  const [saved] = await saveCaches(store, [second], { workspace, status, restored: [] });

  expect(restored?.hit).toBe(restores);
  expect(outcome(saved)).toBe(expected);
});

test("saveCaches() saves a key once, and again under other paths or another project", async () => {
  const { store } = makeStore();
  const workspace = workspaceWith("x");
  const options = { workspace, status: "success", restored: [] } as const;
  const plan = await planCache(workspace);
  const wider = await planCache(workspace, { paths: ["deps", "deps/file"] });

  const first = await saveCaches(store, [plan, plan, wider, { ...plan, scope: "/other" }], options);
  expect(first.map(outcome)).toEqual(["saved", "unchanged", "saved", "saved"]);
  const again = await saveCaches(store, [plan, wider, { ...plan, scope: "/third" }], options);
  expect(again.map(outcome)).toEqual(["unchanged", "unchanged", "saved"]);
});

test("saveCaches() and restoreCaches() accept any text as a key", async () => {
  const { store } = makeStore();
  const keys = [
    "../../etc/passwd",
    "/absolute",
    "",
    ".",
    "a\nb",
    "ü☃".repeat(2000),
    "nul\0byte",
    "$job_name",
  ];
  for (const key of keys) {
    const workspace = workspaceWith(key);
    const plan = await planCache(workspace, { key });
    await saveCaches(store, [plan], { workspace, status: "success", restored: [] });
    const elsewhere = temporaryDirectory();
    expect(await restoreCaches(store, [plan], { workspace: elsewhere })).toMatchObject([{ hit: true, key }]);
    expect(readFileSync(join(elsewhere, "deps", "file"), "utf8")).toBe(key);
  }
  // As the package's README says.
  expect(readdirSync(store.directory).toSorted()).toEqual(["entries", "objects", "tmp"]);
  expect(readdirSync(storePaths(store).entries)).toHaveLength(keys.length);
});

test("saveCaches() reports when there is nothing to save", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  const [saved] = await saveCaches(store, [await planCache(workspace)], {
    workspace,
    status: "success",
    restored: [],
  });
  expect(saved).toMatchObject({
    saved: false,
    reason: "nothing_matched",
    warnings: ['"deps" of the cache matches nothing'],
  });
});

test("quarantineCaches() keeps an archive from being restored until a job that did not restore it saves another", async () => {
  const { store } = makeStore();
  const [poisoned, clean] = [workspaceWith("poisoned"), workspaceWith("clean")];
  const plan = await planCache(poisoned);
  const fallback = await planCache(poisoned, { key: "new", fallback_keys: ["deps"] });
  await saveCaches(store, [plan], { workspace: poisoned, status: "success", restored: [] });
  const hits = await restoreCaches(store, [plan], { workspace: temporaryDirectory() });

  quarantineCaches(
    store,
    hits.flatMap(({ address }) => address ?? []),
  );
  const here = temporaryDirectory();
  const missed = await restoreCaches(store, [plan, fallback], { workspace: here });
  expect(missed).toMatchObject([{ hit: false, quarantined: true }, { hit: false }]);
  expect(missed[1]?.quarantined).toBeUndefined();
  expect(readdirSync(here)).toEqual([]);
  expect(listCache(store)).toMatchObject({ value: [{ key: "deps", quarantined: true }] });

  // Otherwise a running job that restored the archive would bring it back.
  const [kept] = await saveCaches(store, [plan], { workspace: poisoned, status: "success", restored: hits });
  expect(kept).toMatchObject({ saved: false, reason: "quarantined" });
  const [saved] = await saveCaches(store, [plan], { workspace: clean, status: "success", restored: missed });
  expect(saved).toMatchObject({ saved: true });
  await restoreCaches(store, [plan], { workspace: here });
  expect(readFileSync(join(here, "deps", "file"), "utf8")).toBe("clean");
});

test("saveCaches() warns about a full disk, and leaves no partial write", async ({ skip }) => {
  const cacheHome = temporaryDirectory();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", cacheHome], { stdio: "ignore" });
  } catch {
    // Mounting needs root.
    return skip("a small file system cannot be mounted here");
  }
  onTestFinished(() => {
    execFileSync("umount", [cacheHome]);
  });
  const store = createCacheStore({ cacheHome, clock: testClock() });
  const workspace = workspaceWith("x");
  execFileSync("dd", ["if=/dev/urandom", `of=${join(workspace, "deps", "noise")}`, "bs=1M", "count=9"], {
    stdio: "ignore",
  });

  const plan = await planCache(workspace);
  const [saved] = await saveCaches(store, [plan], { workspace, status: "success", restored: [] });

  expect(saved).toMatchObject({
    saved: false,
    reason: "failed",
    warnings: ["The archive was not written: no space left on device (ENOSPC)"],
  });
  expect(readdirSync(storePaths(store).temporary)).toEqual([]);
  expect(listCache(store)).toEqual({ ok: true, value: [] });
});

test("restoreCaches() onto a full disk is a miss that leaves nothing behind", async ({ skip }) => {
  const { store } = makeStore();
  const full = temporaryDirectory();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", full], { stdio: "ignore" });
  } catch {
    // Mounting needs root.
    return skip("a small file system cannot be mounted here");
  }
  onTestFinished(() => {
    execFileSync("umount", [full]);
  });
  const workspace = workspaceWith("x".repeat(3_000_000));
  const plan = await planCache(workspace);
  await saveCaches(store, [plan], { workspace, status: "success", restored: [] });

  const [restored] = await restoreCaches(store, [plan], { workspace: full });

  expect(restored).toMatchObject({ hit: false });
  expect(restored?.warnings[0]).toContain("no space left on device (ENOSPC)");
  expect(readdirSync(full)).toEqual([]);
  const [elsewhere] = await restoreCaches(store, [plan], { workspace: temporaryDirectory() });
  expect(elsewhere).toMatchObject({ hit: true });
});

test("saveCaches() warns about an unreadable file", async ({ skip }) => {
  if (process.getuid?.() === 0) return skip("root may read everything");
  const { store } = makeStore();
  const workspace = workspaceWith("x");
  chmodSync(join(workspace, "deps", "file"), 0);
  const plan = await planCache(workspace);
  const [saved] = await saveCaches(store, [plan], { workspace, status: "success", restored: [] });
  expect(saved).toMatchObject({ saved: false, reason: "failed" });
  expect(saved?.warnings[0]).toContain("EACCES");
});

test("saveCaches() stops when it is cancelled, and leaves no partial write", async () => {
  const { store } = makeStore();
  const workspace = workspaceWith("x".repeat(1000));
  const plan = await planCache(workspace);
  const signal = AbortSignal.abort();
  const [saved] = await saveCaches(store, [plan], { workspace, status: "success", restored: [], signal });
  expect(saved).toMatchObject({ saved: false, reason: "failed" });
  expect(readdirSync(storePaths(store).temporary)).toEqual([]);
});
