import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { projectFiles } from "./project-files.ts";

test("projectFiles() sees files, no folders, and no lock file that git ignores", () => {
  const root = mkdtempSync(join(tmpdir(), "loom-init-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "Makefile"));
  writeFileSync(join(root, "a.lock"), "a");
  writeFileSync(join(root, "b.lock"), "b");
  writeFileSync(join(root, ".gitignore"), "dist\n/a.lock\n");
  const files = projectFiles(root);
  expect([files.has("Makefile"), files.text("Makefile"), files.has("b.lock")]).toEqual([
    false,
    undefined,
    true,
  ]);
  expect(files.text("b.lock")).toBe("b");
  expect(files.lockFile(["a.lock", "b.lock"])).toBe("b.lock");
  expect(files.lockFile(["a.lock"])).toBeUndefined();
});
