import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { makeStore } from "../../test/make-store.ts";
import { planCache } from "../../test/plan-cache.ts";
import { restoreCaches } from "../job/restore-caches.ts";
import { saveCaches } from "../job/save-caches.ts";
import type { CacheStore } from "./cache-store.ts";
import { clearCache } from "./clear-cache.ts";
import { listCache } from "./list-cache.ts";
import { pruneCache } from "./prune-cache.ts";
import { quarantineCaches } from "./quarantine.ts";
import { storePaths } from "./store-paths.ts";

const MINUTE_MS = 60_000;

/** Saves one incompressible archive of a few kilobytes, with unique content by default. */
async function save(store: CacheStore, key: string, content = key, scope = "/project"): Promise<void> {
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps"));
  const path = join(workspace, "deps", "file");
  let state = content.length * 7919 + content.charCodeAt(0);
  const noise = Buffer.from(
    Array.from({ length: 5000 }, () => (state = (state * 48_271) % 2_147_483_647) & 0xff),
  );
  writeFileSync(path, noise);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  utimesSync(join(workspace, "deps"), 1_700_000_000, 1_700_000_000);
  const [saved] = await saveCaches(store, [{ ...(await planCache(workspace, { key })), scope }], {
    workspace,
    status: "success",
    restored: [],
  });
  expect(saved).toMatchObject({ saved: true });
}

function keys(store: CacheStore): string[] {
  const listed = listCache(store);
  return listed.ok ? listed.value.map(({ key }) => key) : [];
}

test("pruneCache() removes the least recently used archives until the rest fits", async () => {
  const { store, clock } = makeStore();
  for (const key of ["a", "b", "c"]) {
    await save(store, key);
    clock.advance(MINUTE_MS);
  }
  const workspace = temporaryDirectory();
  await restoreCaches(store, [await planCache(workspace, { key: "a" })], { workspace });
  expect(keys(store)).toEqual(["b", "c", "a"]);

  const pruned = pruneCache(store, { maxBytes: 12_000 });

  expect(pruned.ok && pruned.value.removed.map(({ key }) => key)).toEqual(["b"]);
  expect(keys(store)).toEqual(["c", "a"]);
  expect(readdirSync(storePaths(store).objects)).toHaveLength(2);
  expect(pruneCache(store, { maxBytes: 0 })).toMatchObject({ ok: true, value: { bytes: 0 } });
  expect(keys(store)).toEqual([]);
});

test("saveCaches() keeps the store below its limit", async () => {
  const { store, clock } = makeStore(12_000);
  for (const key of ["a", "b", "c"]) {
    await save(store, key);
    clock.advance(MINUTE_MS);
  }
  expect(keys(store)).toEqual(["b", "c"]);
});

test("pruneCache() counts an archive shared by two keys once, and removes it with the last of them", async () => {
  const { store, clock } = makeStore();
  for (const [key, content] of [
    ["a", "the same"],
    ["b", "the same"],
    ["c", "another"],
  ] as const) {
    await save(store, key, content);
    clock.advance(MINUTE_MS);
  }
  expect(readdirSync(storePaths(store).objects)).toHaveLength(2);
  expect(pruneCache(store, { maxBytes: 12_000 })).toMatchObject({ value: { removed: [], freedBytes: 0 } });

  const pruned = pruneCache(store, { maxBytes: 6000 });

  expect(pruned.ok && pruned.value.removed.map(({ key }) => key)).toEqual(["a", "b"]);
  expect(keys(store)).toEqual(["c"]);
  expect(readdirSync(storePaths(store).objects)).toHaveLength(1);
});

test("pruneCache() removes archives without a document after an hour, and documents without an archive at once", async () => {
  const { store, clock } = makeStore();
  await save(store, "kept");
  await save(store, "no document");
  await save(store, "no archive");
  const { entries, objects } = storePaths(store);
  const listed = listCache(store);
  const of = (key: string): string =>
    listed.ok ? (listed.value.find((one) => one.key === key)?.object ?? "") : "";
  for (const name of readdirSync(entries)) {
    if (readFileSync(join(entries, name), "utf8").includes('"no document"')) rmSync(join(entries, name));
  }
  rmSync(join(objects, `${of("no archive")}.tar.zst`));

  pruneCache(store);
  expect(keys(store)).toEqual(["kept"]);
  expect(readdirSync(entries)).toHaveLength(1);
  expect(readdirSync(objects)).toHaveLength(2);
  clock.advance(61 * MINUTE_MS);
  expect(pruneCache(store)).toMatchObject({ ok: true, value: { removed: [] } });
  expect(readdirSync(objects)).toEqual([`${of("kept")}.tar.zst`]);
});

test("clearCache() removes everything, and a store that was never used is empty", async () => {
  const { store } = makeStore();
  expect(listCache(store)).toEqual({ ok: true, value: [] });
  expect(pruneCache(store)).toEqual({ ok: true, value: { removed: [], freedBytes: 0, bytes: 0 } });
  expect(clearCache(store)).toEqual({ ok: true, value: { removed: [], freedBytes: 0 } });
  await save(store, "a");

  expect(clearCache(store)).toMatchObject({ ok: true, value: { removed: [{ key: "a" }] } });
  expect(listCache(store)).toEqual({ ok: true, value: [] });
});

test("clearCache() removes the caches of one project, but not archives shared with another", async () => {
  const { store } = makeStore();
  await save(store, "a");
  await save(store, "shared", "the same");
  await save(store, "shared", "the same", "/other");
  const listed = listCache(store);
  const other = listed.ok ? listed.value.filter(({ scope }) => scope === "/other") : [];
  const mine = listed.ok ? listed.value.filter(({ scope }) => scope === "/project") : [];
  quarantineCaches(store, [...mine, ...other]);

  const cleared = clearCache(store, { scope: "/project" });

  const bytes = mine.find(({ key }) => key === "a")?.bytes;
  expect(cleared).toMatchObject({ ok: true, value: { freedBytes: bytes } });
  expect(cleared.ok && cleared.value.removed.map(({ key }) => key).toSorted()).toEqual(["a", "shared"]);
  expect(listCache(store)).toEqual({ ok: true, value: [{ ...other[0], quarantined: true }] });
  expect(readdirSync(storePaths(store).objects)).toHaveLength(1);
  expect(readdirSync(storePaths(store).quarantine)).toHaveLength(1);
  expect(clearCache(store, { scope: "/project" })).toEqual({
    ok: true,
    value: { removed: [], freedBytes: 0 },
  });
});
