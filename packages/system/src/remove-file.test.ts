import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeFile } from "./remove-file.ts";
import { isSystemError } from "./system-error.ts";

test("removeFile() removes a file, and a link but not what it leads to; what is not there is fine", () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-system-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, link] = [join(folder, "file"), join(folder, "link")];
  writeFileSync(file, "");
  symlinkSync(file, link);
  removeFile(link);
  expect([existsSync(link), existsSync(file)]).toEqual([false, true]);
  removeFile(file);
  expect(existsSync(file)).toBe(false);
  removeFile(file);
});

test("removeFile() throws an error of the operating system for a folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-system-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "inner"));
  let thrown: unknown;
  try {
    removeFile(join(folder, "inner"));
  } catch (error) {
    thrown = error;
  }
  expect(isSystemError(thrown)).toBe(true);
});
