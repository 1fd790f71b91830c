import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { newPids, pidsBetween } from "./new-pids.ts";

test("pidsBetween() wraps around at the limit", () => {
  expect([...pidsBetween(5, 8, 32_768)]).toEqual([6, 7, 8]);
  expect([...pidsBetween(32_766, 2, 32_768)]).toEqual([32_767, 0, 1, 2]);
});

test.runIf(process.platform === "linux")("newPids() names a process that was started, used up or not", () => {
  const sinceMs = performance.now();
  const before = spawnSync("true").pid;
  const after = spawnSync("true").pid;
  expect([...newPids(before, sinceMs)].filter((pid) => pid === after)).toEqual([after]);
});

test.runIf(process.platform === "linux")(
  "newPids() lists every process when pids may have wrapped around",
  () => {
    const longAgoMs = performance.now() - 1e12;
    expect([...newPids(process.pid, longAgoMs)]).toContain(process.ppid);
  },
);
