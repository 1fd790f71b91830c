import { spawn, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { newPids, pidsBetween } from "./new-pids.ts";

test("pidsBetween() wraps around at the limit", () => {
  expect([...pidsBetween(5, 8, 32_768)]).toEqual([6, 7, 8]);
  expect([...pidsBetween(32_766, 2, 32_768)]).toEqual([32_767, 0, 1, 2]);
});

// Among many others that a busy machine starts meanwhile, only one that still runs is certain to be named.
test.runIf(process.platform === "linux")("newPids() names a process that was started", () => {
  const sinceMs = performance.now();
  const before = spawnSync("true").pid;
  const after = spawn("sleep", ["60"]);
  try {
    expect([...newPids(before, sinceMs)].filter((pid) => pid === after.pid)).toEqual([after.pid]);
  } finally {
    after.kill();
  }
});

test.runIf(process.platform === "linux")(
  "newPids() lists every process when pids may have wrapped around",
  () => {
    const longAgoMs = performance.now() - 1e12;
    expect([...newPids(process.pid, longAgoMs)]).toContain(process.ppid);
  },
);
