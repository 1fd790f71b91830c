import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeAll } from "./remove-all.ts";

test("removeAll() removes a folder with all in it, or a file, and minds nothing that is not there", () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-remove-"));
  mkdirSync(join(folder, "a/b"), { recursive: true });
  writeFileSync(join(folder, "file"), "");
  for (const path of ["a", "file", "missing"]) {
    removeAll(join(folder, path));
    expect(existsSync(join(folder, path))).toBe(false);
  }
});

test("removeAll() minds no path that goes through a file, which stays", () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-remove-"));
  writeFileSync(join(folder, "file"), "");
  removeAll(join(folder, "file/below"));
  expect(existsSync(join(folder, "file"))).toBe(true);
});

test("removeAll() throws what the system says otherwise", () => {
  expect(() => removeAll(`/${"x".repeat(300)}`)).toThrow("too long");
});
