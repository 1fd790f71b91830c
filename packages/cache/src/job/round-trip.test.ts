import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { makeStore } from "../../test/make-store.ts";
import { planCache } from "../../test/plan-cache.ts";
import { readTree } from "../../test/read-tree.ts";
import { FRAME_BYTES } from "../archive/frame-format.ts";
import { objectPath } from "../store/store-paths.ts";
import { listCache } from "../store/list-cache.ts";
import { restoreCaches } from "./restore-caches.ts";
import { saveCaches } from "./save-caches.ts";

const SAVE = { status: "success", restored: [] } as const;

test("restoreCaches() restores names, contents, modes, times, links and empty folders as saved", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  const deps = join(workspace, "deps");
  mkdirSync(join(deps, "empty"), { recursive: true });
  mkdirSync(join(deps, "d".repeat(120), "e".repeat(120)), { recursive: true });
  writeFileSync(join(deps, "tool"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(deps, "secret"), "s", { mode: 0o600 });
  writeFileSync(join(deps, "read-only"), "r", { mode: 0o444 });
  writeFileSync(join(deps, "empty-file"), "");
  writeFileSync(join(deps, "line\nbreak and ünïcode ☃"), "n");
  writeFileSync(Buffer.concat([Buffer.from(`${deps}/`), Buffer.from([0x66, 0xff, 0xfe, 0x2e])]), "not UTF-8");
  writeFileSync(join(deps, "f".repeat(255)), "long");
  writeFileSync(join(deps, "d".repeat(120), "e".repeat(120), "g".repeat(120)), "deep");
  writeFileSync(join(deps, "exact-block"), Buffer.alloc(512, 1));
  writeFileSync(join(deps, "over-frames"), Buffer.alloc(2 * FRAME_BYTES + 513, "loom"));
  linkSync(join(deps, "tool"), join(deps, "tool-again"));
  symlinkSync("tool", join(deps, "to-tool"));
  symlinkSync("/usr/bin/env", join(deps, "to-outside"));
  symlinkSync("x".repeat(300), join(deps, "to-nowhere"));
  mkdirSync(join(deps, "closed", "inner"), { recursive: true });
  writeFileSync(join(deps, "closed", "inner", "module.go"), "package m");
  chmodSync(join(deps, "closed", "inner"), 0o555);
  chmodSync(join(deps, "closed"), 0o555);
  utimesSync(join(deps, "tool"), 1_700_000_000.123456, 1_700_000_000.123456);
  utimesSync(join(deps, "empty"), 1_600_000_000, 1_600_000_000);
  const before = readTree(workspace);

  const plan = await planCache(workspace);
  const [saved] = await saveCaches(store, [plan], { workspace, ...SAVE });
  const elsewhere = temporaryDirectory();
  const [restored] = await restoreCaches(store, [plan], { workspace: elsewhere });

  expect(saved).toMatchObject({ saved: true, files: 12, warnings: [] });
  expect(restored).toMatchObject({ hit: true, matchedKey: "deps", bytes: saved?.bytes, warnings: [] });
  expect(readTree(elsewhere)).toEqual(before);
  // Again, onto what is now there, including the read-only folders.
  const [again] = await restoreCaches(store, [plan], { workspace: elsewhere });
  expect(again).toMatchObject({ hit: true, warnings: [] });
  expect(readTree(elsewhere).map(withoutFolderTime)).toEqual(before.map(withoutFolderTime));
  expect(lstatSync(join(elsewhere, "deps", "tool")).ino).not.toBe(
    lstatSync(join(elsewhere, "deps", "tool-again")).ino,
  );
});

/** Writing into a folder changes its time. */
function withoutFolderTime(line: string): string {
  return line.replace(/(?<=\/ \d+) \d+$/, "");
}

test("saveCaches() writes an archive that zstd and tar read", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps", "p".repeat(99)), { recursive: true });
  writeFileSync(
    join(workspace, "deps", "p".repeat(99), "q".repeat(101)),
    Buffer.alloc(3 * FRAME_BYTES, "abc"),
  );
  symlinkSync("y".repeat(200), join(workspace, "deps", "link"));
  const before = readTree(workspace);

  await saveCaches(store, [await planCache(workspace)], { workspace, ...SAVE });
  const listed = listCache(store);
  const object = listed.ok ? (listed.value[0]?.object ?? "") : "";
  const elsewhere = temporaryDirectory();
  execFileSync("sh", [
    "-c",
    'zstd -dcq "$1" | tar -C "$2" -xpf -',
    "sh",
    objectPath(store, object),
    elsewhere,
  ]);
  execFileSync("sh", ["-c", 'test "$(sha256sum < "$1")" = "$2  -"', "sh", objectPath(store, object), object]);

  expect(readTree(elsewhere)).toEqual(before);
});

test("saveCaches() stores a link to the outside as a link, without its target", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  const outside = temporaryDirectory();
  writeFileSync(join(outside, "private"), "private");
  mkdirSync(join(workspace, "deps"));
  symlinkSync(outside, join(workspace, "deps", "link"));
  symlinkSync(outside, join(workspace, "door"));

  const inside = await planCache(workspace);
  const through = await planCache(workspace, { paths: ["door/private"], key: "through" });
  const [first, second] = await saveCaches(store, [inside, through], { workspace, ...SAVE });

  expect(first).toMatchObject({ saved: true, files: 0 });
  expect(second).toMatchObject({ saved: false, reason: "nothing_matched" });
  expect(second?.warnings).toEqual([
    '"door/private" is left out: a link on its way leads out of the workspace',
  ]);
});

test("saveCaches() leaves out pipes and warns", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps"));
  execFileSync("mkfifo", [join(workspace, "deps", "pipe")]);
  writeFileSync(join(workspace, "deps", "file"), "f");

  const [saved] = await saveCaches(store, [await planCache(workspace)], { workspace, ...SAVE });

  expect(saved).toMatchObject({
    saved: true,
    files: 1,
    warnings: ['"deps/pipe" is left out: it is not a file, a folder or a link'],
  });
});

test("restoreCaches() merges existing folders, replaces files and removes nothing", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps", "a"), { recursive: true });
  writeFileSync(join(workspace, "deps", "a", "shared"), "from the cache");
  writeFileSync(join(workspace, "deps", "was-file"), "from the cache");
  const plan = await planCache(workspace);
  await saveCaches(store, [plan], { workspace, ...SAVE });
  rmSync(join(workspace, "deps", "was-file"));
  mkdirSync(join(workspace, "deps", "was-file"));
  writeFileSync(join(workspace, "deps", "a", "shared"), "from the checkout");
  writeFileSync(join(workspace, "deps", "a", "own"), "from the checkout");

  const [restored] = await restoreCaches(store, [plan], { workspace });

  expect(readFileSync(join(workspace, "deps", "a", "shared"), "utf8")).toBe("from the cache");
  expect(readFileSync(join(workspace, "deps", "a", "own"), "utf8")).toBe("from the checkout");
  expect(restored?.warnings).toEqual([
    '"deps/was-file" is not restored: the workspace has a folder of this name',
  ]);
  expect(readdirSync(workspace)).toEqual(["deps"]);
});

test("restoreCaches() writes through a workspace link only if it stays inside", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "deps"));
  writeFileSync(join(workspace, "deps", "file"), "f");
  const plan = await planCache(workspace);
  await saveCaches(store, [plan], { workspace, ...SAVE });
  const outside = realpathSync(temporaryDirectory());
  const [hostile, friendly] = [temporaryDirectory(), temporaryDirectory()];
  symlinkSync(outside, join(hostile, "deps"));
  mkdirSync(join(friendly, "real"));
  symlinkSync("real", join(friendly, "deps"));

  const [refused] = await restoreCaches(store, [plan], { workspace: hostile });
  await restoreCaches(store, [plan], { workspace: friendly });

  expect(refused?.warnings).toEqual([
    '"deps" is not restored: the workspace has a link of this name that leads out of it',
  ]);
  expect(readdirSync(outside)).toEqual([]);
  expect(readdirSync(join(friendly, "real"))).toEqual(["file"]);
});

test("restoreCaches() lets two jobs restore into one workspace at once", async () => {
  const { store } = makeStore();
  const workspace = temporaryDirectory();
  for (let folder = 0; folder < 20; folder++) {
    mkdirSync(join(workspace, "deps", String(folder)), { recursive: true });
    for (let file = 0; file < 20; file++)
      writeFileSync(join(workspace, "deps", String(folder), String(file)), "x");
  }
  const plan = await planCache(workspace);
  await saveCaches(store, [plan], { workspace, ...SAVE });
  const shared = temporaryDirectory();

  const all = await Promise.all([1, 2, 3].map(() => restoreCaches(store, [plan], { workspace: shared })));

  expect(all.flat().map(({ hit, warnings }) => ({ hit, warnings }))).toEqual([
    { hit: true, warnings: [] },
    { hit: true, warnings: [] },
    { hit: true, warnings: [] },
  ]);
  execFileSync("diff", ["-r", workspace, shared]);
});
