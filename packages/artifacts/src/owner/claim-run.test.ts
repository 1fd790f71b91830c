import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { claimPath, claimRun } from "./claim-run.ts";

test("claimRun() removes the note of a process that was killed before it had placed it", () => {
  const directory = join(temporaryDirectory(), ".loom/.runtime/logs/loom-run-local-1");
  const active = dirname(claimPath(directory));
  mkdirSync(active, { recursive: true });
  writeFileSync(join(active, ".loom-run-local-1.json.4242.tmp"), "{");
  writeFileSync(join(active, ".loom-run-local-12.json.4242.tmp"), "{");
  const claim = claimRun(directory);
  expect(readdirSync(active).toSorted()).toEqual([
    ".loom-run-local-12.json.4242.tmp",
    "loom-run-local-1.json",
  ]);
  if (!claim.ok) expect.fail(claim.error.message);
  claim.value.release();
  expect(readdirSync(active)).toEqual([".loom-run-local-12.json.4242.tmp"]);
});
