import { expect, test } from "vitest";
import { runHome } from "./runtime-directory.ts";

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
