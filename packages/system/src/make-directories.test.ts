import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeDirectories } from "./make-directories.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "loom-directories-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test("makeDirectories() creates what is missing, with the mode, and takes what is there", () => {
  const root = folder();
  const path = join(root, "a/b/c");
  makeDirectories(path, 0o700);
  makeDirectories(path, 0o700);
  expect(statSync(join(root, "a")).mode & 0o777).toBe(0o700);
  symlinkSync("a", join(root, "link"));
  makeDirectories(join(root, "link/b/d"));
  expect(statSync(join(root, "a/b/d")).isDirectory()).toBe(true);
});

test("makeDirectories() refuses what is in the way", () => {
  const root = folder();
  writeFileSync(join(root, "file"), "");
  expect(() => makeDirectories(join(root, "file"))).toThrow("EEXIST");
  expect(() => makeDirectories(join(root, "file/a/b"))).toThrow("ENOTDIR");
});

test.runIf(process.platform === "linux")(
  "makeDirectories() ends where directories are refused as absent",
  () => {
    expect(() => makeDirectories("/proc/loom/a")).toThrow("ENOENT");
  },
);
