import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { RunNotes } from "./run-notes.ts";

test("remove() ignores a notes folder that is no longer accessible", () => {
  const root = mkdtempSync(join(tmpdir(), "loom-notes-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = join(root, "active");
  mkdirSync(folder);
  const notes = new RunNotes(join(folder, "run.processes"), "0".repeat(32), undefined);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "no folder");
  expect(() => notes.remove()).not.toThrow();
});
