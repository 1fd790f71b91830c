import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeStore } from "../../test/make-store.ts";
import { restoreCaches } from "../job/restore-caches.ts";
import type { PlannedCache } from "../key/plan-caches.ts";
import type { CacheStore } from "./cache-store.ts";
import { listCache } from "./list-cache.ts";
import { pruneCache } from "./prune-cache.ts";
import { storePaths } from "./store-paths.ts";

/** LOOM_CACHE_KILLS sets more; each one starts and kills a process. */
const KILLS = Number(process.env["LOOM_CACHE_KILLS"] ?? 40);

const SCRIPT = fileURLToPath(new URL("../../test/save-forever.ts", import.meta.url));

function saver(store: CacheStore, workspace: string, ...words: string[]): ChildProcess {
  const home = store.directory.replace(/\/loom\/cache\/v1$/, "");
  const options = ["--conditions=@loom/source", "--disable-warning=ExperimentalWarning"];
  return spawn(process.execPath, [...options, SCRIPT, home, workspace, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
    // The sources stripped of types, once for all processes.
    env: { ...process.env, NODE_COMPILE_CACHE: join(home, "compiled") },
  });
}

function plan(key: string): PlannedCache {
  return {
    scope: "s",
    key,
    fallbackKeys: [],
    paths: ["deps"],
    policy: "pull-push",
    when: "on_success",
    warnings: [],
  };
}

/** Two frames and a few small files. */
function tree(word: string): string {
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps"));
  for (let file = 0; file < 20; file++)
    writeFileSync(join(workspace, "deps", `file-${file}`), `${word} ${file}`);
  writeFileSync(join(workspace, "deps", "large"), Buffer.alloc(2_500_000, `${word} is the content of it. `));
  return workspace;
}

test(
  "putArchive() leaves all of an archive or nothing when its process is killed at any moment",
  { timeout: 180_000 },
  async () => {
    const { store, clock } = makeStore();
    const workspace = tree("content");
    // When to kill during a save: after this many lines, then this many turns of this process's event loop.
    const moments = fc.sample(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat({ max: 400 })), {
      numRuns: KILLS,
      seed: 7,
    });
    const lane = async (first: number): Promise<void> => {
      for (let index = first; index < moments.length; index += 4) {
        const [lines, turns] = moments[index] ?? [1, 0];
        const child = saver(store, workspace, `run-${index}`);
        const exit = once(child, "exit");
        let seen = 0;
        for await (const chunk of child.stdout ?? []) {
          seen += String(chunk).split("\n").length - 1;
          if (seen >= lines) break;
        }
        for (let turn = 0; turn < turns; turn++) await setImmediate();
        child.kill("SIGKILL");
        await exit;
      }
    };
    await Promise.all([0, 1, 2, 3].map(lane));

    const listed = listCache(store);
    const keys = listed.ok ? listed.value.map(({ key }) => key) : [];
    expect(keys.length).toBeGreaterThan(60);
    // Every document has its archive, and every such archive is complete.
    expect(readdirSync(storePaths(store).entries)).toHaveLength(keys.length);
    const objects = new Set(listed.ok ? listed.value.map(({ object }) => object) : []);
    expect(objects.size).toBe(1);
    const elsewhere = temporaryDirectory();
    for (const key of keys.slice(0, 30)) {
      const [restored] = await restoreCaches(store, [plan(key)], { workspace: elsewhere });
      expect(restored).toMatchObject({ hit: true, warnings: [] });
    }
    execFileSync("diff", ["-r", workspace, elsewhere]);

    // What the killed processes left is removed at once where they had written their note, and later where not.
    const left = readdirSync(storePaths(store).temporary).length;
    expect(left).toBeGreaterThan(0);
    pruneCache(store);
    expect(readdirSync(storePaths(store).temporary).length).toBeLessThan(left);
    clock.advance(60 * 60_000);
    pruneCache(store);
    expect(readdirSync(storePaths(store).temporary)).toEqual([]);
    const after = listCache(store);
    expect(after.ok && after.value.length).toBe(keys.length);
  },
);

test("putArchive() of one key from two processes at once leaves one complete archive at every moment", async () => {
  const { store } = makeStore();
  const [a, b] = [saver(store, tree("first"), "a", "one"), saver(store, tree("second"), "b", "one")];
  try {
    const elsewhere = temporaryDirectory();
    const found = new Set<string>();
    // Until both were seen, and often enough to coincide with many writes.
    for (let round = 0; round < 60 || found.size < 2; round++) {
      const [restored] = await restoreCaches(store, [plan("one")], { workspace: elsewhere });
      if (restored?.hit !== true) {
        expect(restored?.warnings).toEqual([]);
        continue;
      }
      const word = readFileSync(join(elsewhere, "deps", "file-0"), "utf8").split(" ")[0] ?? "";
      found.add(word);
      for (let file = 0; file < 20; file++) {
        expect(readFileSync(join(elsewhere, "deps", `file-${file}`), "utf8")).toBe(`${word} ${file}`);
      }
      expect(readFileSync(join(elsewhere, "deps", "large"), "utf8").startsWith(`${word} is`)).toBe(true);
      rmSync(join(elsewhere, "deps"), { recursive: true });
    }
    expect([...found].sort()).toEqual(["first", "second"]);
  } finally {
    const exits = [a, b].map((child) => once(child, "exit"));
    for (const child of [a, b]) child.kill("SIGKILL");
    await Promise.all(exits);
  }
});
