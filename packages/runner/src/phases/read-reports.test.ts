import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { readReports } from "./read-reports.ts";

test("readReports() counts the tests of a very long report", async () => {
  const directory = temporaryDirectory();
  const cases = '<testcase name="a"/>'.repeat(200_000);
  writeFileSync(join(directory, "long.xml"), `<testsuite>${cases}</testsuite>`);
  expect(await readReports(directory, ["long.xml"], "/work")).toEqual({
    tests: { reports: ["long.xml"], total: 200_000, failed: 0, skipped: 0, failures: [] },
    warnings: [],
  });
});
