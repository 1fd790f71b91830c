import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeStore } from "../../test/make-store.ts";
import { planCache } from "../../test/plan-cache.ts";
import { FRAME_BYTES } from "../archive/frame-format.ts";
import { restoreCaches } from "../job/restore-caches.ts";
import { saveCaches } from "../job/save-caches.ts";
import type { PlannedCache } from "../key/plan-caches.ts";
import type { CacheStore } from "./cache-store.ts";
import { storePaths } from "./store-paths.ts";

interface Saved {
  readonly store: CacheStore;
  readonly plan: PlannedCache;
  readonly archive: string;
  readonly entry: string;
  /** Restores both files. */
  repair(): void;
}

/** An archive of two frames. */
async function saved(): Promise<Saved> {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps"));
  writeFileSync(join(workspace, "deps", "small"), "small");
  writeFileSync(
    join(workspace, "deps", "large"),
    Buffer.alloc(FRAME_BYTES + 5000, "Loom keeps what jobs need. "),
  );
  const plan = await planCache(workspace);
  await saveCaches(store, [plan], { workspace, status: "success", restored: [] });
  const { objects, entries } = storePaths(store);
  const archive = join(objects, readdirSync(objects)[0] ?? "");
  const entry = join(entries, readdirSync(entries)[0] ?? "");
  const [archiveBytes, entryBytes] = [readFileSync(archive), readFileSync(entry)];
  const repair = (): void => {
    writeFileSync(archive, archiveBytes);
    writeFileSync(entry, entryBytes);
  };
  return { store, plan, archive, entry, repair };
}

/** Restores twice, and returns hits, numbers of warnings, and the workspace's content afterwards. */
async function restoreTwice({ store, plan }: Saved, workspace: string): Promise<unknown[]> {
  const first = await restoreCaches(store, [plan], { workspace });
  const second = await restoreCaches(store, [plan], { workspace });
  const outcomes = [...first, ...second].map(({ hit, warnings }) => ({ hit, warnings: warnings.length }));
  return [...outcomes, readdirSync(workspace)];
}

/** A damaged cache is a miss with one warning, leaves nothing behind, and is gone from the store. */
const MISS = [{ hit: false, warnings: 1 }, { hit: false, warnings: 0 }, []];

/** Every which byte of an archive is tried: each of them with LOOM_FLIPPED_STEP=1, which takes long. */
const STEP = Number(process.env["LOOM_FLIPPED_STEP"] ?? 7);

test("restoreCaches() detects a flipped bit in any byte of an archive", async () => {
  const cache = await saved();
  const workspace = temporaryDirectory();
  const bytes = readFileSync(cache.archive);
  expect(bytes.length).toBeLessThan(5000);
  for (let at = 0; at < bytes.length; at += STEP) {
    cache.repair();
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
    writeFileSync(cache.archive, flipped);
    const [restored] = await restoreCaches(cache.store, [cache.plan], { workspace });
    if (restored?.hit === true) {
      // Some bits of a frame header only give the memory size; the content was verified.
      expect(readFileSync(join(workspace, "deps", "small"), "utf8")).toBe("small");
      expect(readFileSync(join(workspace, "deps", "large")).length).toBe(FRAME_BYTES + 5000);
      rmSync(join(workspace, "deps"), { recursive: true });
    } else expect(restored?.warnings).toHaveLength(1);
    expect(readdirSync(workspace)).toEqual([]);
  }
  cache.repair();
  const [whole] = await restoreCaches(cache.store, [cache.plan], { workspace });
  expect(whole).toMatchObject({ hit: true, warnings: [] });
});

test("restoreCaches() treats an archive truncated anywhere as a miss", async () => {
  const cache = await saved();
  const workspace = temporaryDirectory();
  const { length } = readFileSync(cache.archive);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: length - 1 }), async (keep) => {
      cache.repair();
      truncateSync(cache.archive, keep);
      expect(await restoreTwice(cache, workspace)).toEqual(MISS);
    }),
  );
});

test("restoreCaches() treats an archive of the right size with other bytes as a miss", async () => {
  const cache = await saved();
  const workspace = temporaryDirectory();
  const bytes = readFileSync(cache.archive);
  const parts = fc.tuple(fc.nat(bytes.length - 1), fc.nat(bytes.length - 1)).filter(([a, b]) => a < b);
  await fc.assert(
    fc.asyncProperty(parts, fc.integer({ min: 0, max: 255 }), async ([from, to], byte) => {
      cache.repair();
      const damaged = Buffer.from(bytes).fill(byte, from, to + 1);
      fc.pre(!damaged.equals(bytes));
      writeFileSync(cache.archive, damaged);
      const [restored] = await restoreCaches(cache.store, [cache.plan], { workspace });
      if (restored?.hit === true)
        expect(readFileSync(join(workspace, "deps", "small"), "utf8")).toBe("small");
      else expect(readdirSync(workspace)).toEqual([]);
      rmSync(join(workspace, "deps"), { recursive: true, force: true });
    }),
  );
});

test.each([
  ["is empty", ""],
  ["is no JSON", "{"],
  ["is of another version", '{"schema_version":"loom.cache.v9"}'],
  ["names a path as its archive", '{"schema_version":"loom.cache.v1","object":"../../etc/passwd"}'],
])("restoreCaches() takes an archive whose description %s for a miss", async (_, text) => {
  const cache = await saved();
  writeFileSync(cache.entry, text);
  expect(await restoreTwice(cache, temporaryDirectory())).toEqual(MISS);
});

test("restoreCaches() treats a missing archive as a miss, and tries the fallback keys", async () => {
  const cache = await saved();
  const plan = await planCache(temporaryDirectory(), { key: "other", fallback_keys: ["no such", "deps"] });
  const workspace = temporaryDirectory();
  const [restored] = await restoreCaches(cache.store, [plan], { workspace });
  expect(restored).toMatchObject({ key: "other", hit: true, matchedKey: "deps", warnings: [] });

  rmSync(cache.archive);
  expect(await restoreTwice(cache, temporaryDirectory())).toEqual(MISS);
});

test("saveCaches() saves a damaged cache again", async () => {
  const cache = await saved();
  const workspace = temporaryDirectory();
  truncateSync(cache.archive, 100);
  mkdirSync(join(workspace, "deps"));
  writeFileSync(join(workspace, "deps", "small"), "new");

  const [save] = await saveCaches(cache.store, [cache.plan], { workspace, status: "success", restored: [] });
  const elsewhere = temporaryDirectory();
  const [restored] = await restoreCaches(cache.store, [cache.plan], { workspace: elsewhere });

  expect(save).toMatchObject({ saved: true });
  expect(restored).toMatchObject({ hit: true });
  expect(readFileSync(join(elsewhere, "deps", "small"), "utf8")).toBe("new");
});
