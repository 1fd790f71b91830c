import { expect, test } from "vitest";
import { formatBytes } from "./format-bytes.ts";

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1.0 kB"],
  [4096, "4.1 kB"],
  [999_949, "999.9 kB"],
  [999_960, "1.0 MB"],
  [1_234_567_890, "1.2 GB"],
  [5e15, "5000.0 TB"],
])("formatBytes(%i) is %j", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
