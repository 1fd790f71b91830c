import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packPart, unpackFiles, type PackedArchive } from "./pack-files.ts";
import { splitFolder, type FolderPart } from "./split-folder.ts";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "loom-split-"));
}

/** 40 folders of 25 files, each of 8 KB: 8 MB. */
function manyFiles(): string {
  const root = folder();
  for (let group = 0; group < 40; group += 1) {
    mkdirSync(join(root, `group-${group}`));
    for (let file = 0; file < 25; file += 1)
      writeFileSync(join(root, `group-${group}`, `file-${file}`), `${group} ${file} `.repeat(1_000));
  }
  return root;
}

async function split(root: string): Promise<readonly FolderPart[]> {
  const parts = await splitFolder({ folder: root });
  if (!parts.ok) throw new Error(parts.error.message);
  return parts.value;
}

function namesOf(parts: readonly FolderPart[]): ReadonlySet<string> {
  return new Set(parts.map(({ sha256 }) => sha256));
}

test("splitFolder() keeps nearly all parts when a file is changed, added or removed", async () => {
  const root = manyFiles();
  const parts = await split(root);
  expect(parts.length).toBeGreaterThan(4);
  expect(parts.flatMap(({ entries }) => entries)).toHaveLength(1_040);
  const changes: (() => void)[] = [
    () => appendFileSync(join(root, "group-7/file-3"), "more"),
    () => writeFileSync(join(root, "group-30/file-x"), "new"),
    () => rmSync(join(root, "group-0/file-0")),
    () => chmodSync(join(root, "group-39/file-24"), 0o755),
  ];
  let before = namesOf(parts);
  for (const change of changes) {
    change();
    const after = namesOf(await split(root));
    const travel = [...after].filter((name) => !before.has(name));
    expect(travel.length).toBeGreaterThanOrEqual(1);
    expect(travel.length).toBeLessThanOrEqual(2);
    before = after;
  }
});

test("splitFolder() names parts by what they hold, not by its time or place", async () => {
  const [one, two] = [manyFiles(), manyFiles()];
  utimesSync(join(two, "group-1/file-1"), 1, 1);
  expect(namesOf(await split(one))).toEqual(namesOf(await split(two)));
});

test("splitFolder() gives one part for a small folder, for an empty one too, and a large file one of its own", async () => {
  const root = folder();
  expect(await split(root)).toMatchObject([{ entries: [] }]);
  mkdirSync(join(root, "a"));
  writeFileSync(join(root, "a/b"), "b");
  expect(await split(root)).toMatchObject([{ entries: [{ name: "a" }, { name: "a/b" }] }]);
  writeFileSync(join(root, "a/large"), Buffer.alloc(3_000_000));
  const parts = await split(root);
  expect(parts.find(({ entries }) => entries[0]?.name === "a/large")?.entries).toHaveLength(1);
});

test("parts that are unpacked together make the folder again, as of now", async () => {
  const [from, packed, to] = [manyFiles(), folder(), folder()];
  const archives: PackedArchive[] = [];
  const parts = await split(from);
  for (const [index, part] of parts.entries()) {
    const path = join(packed, String(index));
    expect(await packPart({ folder: from, part, archivePath: path })).toMatchObject({ ok: true });
    archives.push({ path, partSha256: part.sha256 });
  }
  const nowMs = 1_000_000_000_000;
  const place = { folder: to, links: "all", nowMs, times: "now" } as const;
  expect(await unpackFiles({ archives, ...place })).toEqual({ ok: true, value: [] });
  expect(namesOf(await split(to))).toEqual(namesOf(parts));
  expect(statSync(join(to, "group-1/file-1")).mtimeMs).toBe(nowMs);
  // One that is missing, or in the place of another, leaves nothing half-way.
  const other = folder();
  const [first, second] = archives;
  if (first === undefined || second === undefined) throw new Error("There are no two parts");
  const swapped = [first, { ...second, path: first.path }];
  expect(await unpackFiles({ archives: swapped, ...place, folder: other })).toEqual({
    ok: false,
    error: { code: "CACHE_DAMAGED", message: "The archive is damaged: it holds something else" },
  });
  rmSync(second.path);
  expect(await unpackFiles({ archives, ...place, folder: other })).toMatchObject({ ok: false });
  expect(await split(other)).toMatchObject([{ entries: [] }]);
});

test("packPart() refuses what has changed since the folder was split", async () => {
  const root = folder();
  writeFileSync(join(root, "a"), "a");
  const [part] = await split(root);
  if (part === undefined) throw new Error("There is no part");
  writeFileSync(join(root, "a"), "b");
  const packed = await packPart({ folder: root, part, archivePath: join(folder(), "archive") });
  expect(packed).toMatchObject({ ok: false, error: { code: "CACHE_SOURCE_CHANGED" } });
});
