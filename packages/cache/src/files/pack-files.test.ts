import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packFiles, unpackFiles } from "./pack-files.ts";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "loom-pack-"));
}

test("packFiles() and unpackFiles() bring files, folders, links and modes elsewhere", async () => {
  const [from, to] = [folder(), folder()];
  mkdirSync(join(from, "bin"));
  mkdirSync(join(from, "empty"));
  mkdirSync(join(from, ".git"));
  writeFileSync(join(from, ".git/HEAD"), "x");
  writeFileSync(join(from, "bin/tool"), "#!/bin/sh\n", { mode: 0o755 });
  symlinkSync("bin/tool", join(from, "link"));
  symlinkSync("/etc/hosts", join(from, "out"));
  const archivePath = join(to, "archive");
  const packed = await packFiles({ folder: from, paths: ["."], archivePath });
  expect(packed).toMatchObject({ ok: true, value: { bytes: lstatSync(archivePath).size, leftOut: [] } });
  const target = folder();
  const place = { archives: [{ path: archivePath }], folder: target, nowMs: 0 };
  expect(await unpackFiles({ ...place, links: "all" })).toEqual({ ok: true, value: [] });
  expect(readFileSync(join(target, "bin/tool"), "utf8")).toBe("#!/bin/sh\n");
  expect(lstatSync(join(target, "bin/tool")).mode & 0o777).toBe(0o755);
  expect(readlinkSync(join(target, "out"))).toBe("/etc/hosts");
  expect(lstatSync(join(target, "empty")).isDirectory()).toBe(true);
  expect(() => lstatSync(join(target, ".git"))).toThrow("ENOENT");
  const inside = folder();
  const kept = await unpackFiles({ ...place, folder: inside, links: "inside" });
  expect(kept).toMatchObject({ ok: true, value: [expect.stringContaining("out")] });
  expect(readlinkSync(join(inside, "link"))).toBe("bin/tool");
});

test("packFiles() leaves out what is not there, and equal trees make equal bytes", async () => {
  const from = folder();
  writeFileSync(join(from, "a"), "a");
  const paths = ["a", "missing"];
  const [one, two] = [join(folder(), "one"), join(folder(), "two")];
  const first = await packFiles({ folder: from, paths, archivePath: one });
  const second = await packFiles({ folder: from, paths, archivePath: two });
  expect(first).toEqual(second);
  expect(readFileSync(one)).toEqual(readFileSync(two));
});

test("unpackFiles() puts nothing there of a damaged archive, and says so", async () => {
  const [from, to] = [folder(), folder()];
  writeFileSync(join(from, "a"), "a".repeat(1_000));
  const archivePath = join(from, "archive");
  await packFiles({ folder: from, paths: ["a"], archivePath });
  const bytes = readFileSync(archivePath);
  bytes.fill(0, 20, 40);
  writeFileSync(archivePath, bytes);
  const unpacked = await unpackFiles({
    archives: [{ path: archivePath }],
    folder: to,
    links: "all",
    nowMs: 0,
  });
  expect(unpacked).toMatchObject({ ok: false, error: { code: "CACHE_DAMAGED" } });
  expect(() => lstatSync(join(to, "a"))).toThrow("ENOENT");
});

test("neither throws what the disk says", async () => {
  const missing = join(folder(), "missing");
  const packed = await packFiles({ folder: folder(), paths: ["."], archivePath: join(missing, "archive") });
  expect(packed).toMatchObject({ ok: false, error: { code: "CACHE_IO" } });
  const unpacked = await unpackFiles({
    archives: [{ path: missing }],
    folder: folder(),
    links: "all",
    nowMs: 0,
  });
  expect(unpacked.ok).toBe(false);
});
