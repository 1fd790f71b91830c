import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fileToOpen } from "./file-to-open.ts";

test("fileToOpen() returns the file of the checkout, unless the job saw a different one", () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-open-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [root, snapshot] = [join(folder, "checkout"), join(folder, "snapshot")];
  for (const place of [root, snapshot]) {
    mkdirSync(join(place, "src"), { recursive: true });
    writeFileSync(join(place, "src/same.ts"), "a");
  }
  writeFileSync(join(root, "src/changed.ts"), "new");
  writeFileSync(join(snapshot, "src/changed.ts"), "old");
  writeFileSync(join(snapshot, "src/gone.ts"), "old");
  writeFileSync(join(root, "src/ignored.ts"), "never copied");
  const isolated = { path: snapshot, isSnapshot: true };
  const open = (file: string, workspace = isolated): unknown => fileToOpen(file, root, workspace);
  expect(open("src/same.ts")).toEqual({ path: join(root, "src/same.ts"), isOfSnapshot: false });
  expect(open("src/changed.ts")).toEqual({ path: join(snapshot, "src/changed.ts"), isOfSnapshot: true });
  expect(open("src/gone.ts")).toEqual({ path: join(snapshot, "src/gone.ts"), isOfSnapshot: true });
  expect(open("src/ignored.ts")).toEqual({ path: join(root, "src/ignored.ts"), isOfSnapshot: false });
  expect(open("src")).toBeUndefined();
  expect(open("src/none.ts")).toBeUndefined();
  expect(open("src/changed.ts", { path: root, isSnapshot: false })).toEqual({
    path: join(root, "src/changed.ts"),
    isOfSnapshot: false,
  });
});
