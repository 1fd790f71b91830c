import { expect, test } from "vitest";
import { runHome, runNanoseconds } from "./runtime-directory.ts";

test.each([
  ["/repo/.loom/.runtime/logs/loom-run-local-1", "/repo"],
  ["/.loom/.runtime/logs/x", "/"],
  ["/repo/.loom/.runtime/receipts/x", undefined],
  ["/repo/.loom/runtime/logs/x", undefined],
  ["/repo/loom/.runtime/logs/x", undefined],
  ["/copy", undefined],
])("runHome(%j) is %j", (directory, home) => {
  expect(runHome(directory)).toBe(home);
});

test.each([
  ["loom-run-local-17", 17n],
  ["loom-run-local-0", 0n],
  ["loom-run-local-12345678901234567890", 12_345_678_901_234_567_890n],
  ["loom-run-local-123456789012345678901", undefined],
  ["loom-run-local-", undefined],
  ["loom-run-local-1x", undefined],
  ["loom-run-local-x1", undefined],
  ["loom-run-local--1", undefined],
  ["loom-local-17", undefined],
  ["17", undefined],
])("runNanoseconds(%s) is %s", (name, ns) => {
  expect(runNanoseconds(name)).toBe(ns);
});
