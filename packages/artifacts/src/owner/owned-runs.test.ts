import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { currentProcess } from "@loom/system";
import { expect, test } from "vitest";
import { ownedRuns } from "./owned-runs.ts";

test("ownedRuns() tells whose each open run is, oldest first, and passes over all else", () => {
  const root = temporaryDirectory();
  const active = join(root, ".loom/.runtime/active");
  const logs = join(root, ".loom/.runtime/logs");
  mkdirSync(active, { recursive: true });
  const me = currentProcess();
  const notes = {
    "loom-run-local-30.json": "{",
    "loom-run-local-10.json": JSON.stringify(me),
    "loom-run-local-20.json": JSON.stringify({ ...me, pid: 4_194_305 }),
    ".loom-run-local-40.json.4242.tmp": JSON.stringify(me),
    "loom-run-local-50": JSON.stringify(me),
    "loom-run-local-60.json.old": JSON.stringify(me),
    "loom-run-local-7.json0": JSON.stringify(me),
    "another.json": JSON.stringify(me),
  };
  for (const [name, text] of Object.entries(notes)) writeFileSync(join(active, name), text);
  // A note that is gone when it is looked at.
  symlinkSync("nowhere", join(active, "loom-run-local-80.json"));
  // A field without a value would be one that is there.
  expect(ownedRuns(root)).toStrictEqual([
    {
      runId: "loom-run-local-10",
      directory: join(logs, "loom-run-local-10"),
      owner: "alive",
      ownerPid: process.pid,
    },
    {
      runId: "loom-run-local-20",
      directory: join(logs, "loom-run-local-20"),
      owner: "dead",
      ownerPid: 4_194_305,
    },
    { runId: "loom-run-local-30", directory: join(logs, "loom-run-local-30"), owner: "unknown" },
  ]);
});

test("ownedRuns() finds none where none was ever noted, or the place cannot be read", () => {
  const root = temporaryDirectory();
  expect(ownedRuns(root)).toEqual([]);
  mkdirSync(join(root, ".loom/.runtime"), { recursive: true });
  writeFileSync(join(root, ".loom/.runtime/active"), "");
  expect(ownedRuns(root)).toEqual([]);
});
