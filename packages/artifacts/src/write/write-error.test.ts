import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { systemError } from "../../test/watched-disk.ts";
import { writeError, writeFailure } from "./write-error.ts";

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

test("writeError() names the file and the cause", () => {
  const cause = Object.assign(new Error("x"), { code: "ENOSPC" });
  expect(writeError("/run/events.jsonl", cause)).toEqual({
    code: "ARTIFACTS_WRITE_FAILED",
    message: 'Cannot write "/run/events.jsonl": no space left on device (ENOSPC)',
  });
});

test("writeFailure() names the place that the system names, rather than what was being changed", () => {
  const folder = join(temporaryDirectory(), "inner");
  mkdirSync(folder);
  expect(
    writeFailure(
      "/run",
      thrownBy(() => writeFileSync(folder, "")),
    ),
  ).toEqual({
    code: "ARTIFACTS_WRITE_FAILED",
    message: `Cannot write "${folder}": it is a folder (EISDIR)`,
  });
});

test("writeFailure() names what was being changed where the system names no place", () => {
  expect(writeFailure("/run", systemError("ENOSPC"))).toEqual({
    code: "ARTIFACTS_WRITE_FAILED",
    message: 'Cannot write "/run": no space left on device (ENOSPC)',
  });
});

test("writeFailure() throws a bug on", () => {
  const bug = new TypeError("a bug");
  expect(() => writeFailure("/run", bug)).toThrow(bug);
});
