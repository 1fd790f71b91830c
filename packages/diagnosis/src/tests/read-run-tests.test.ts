import { execFileSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "@loom/testkit";
import { readJunitFile } from "./read-run-tests.ts";

test("readJunitFile() reads a file, and says of all else why it does not: a pipe is not waited for", async () => {
  const folder = temporaryDirectory();
  const at = (name: string): string => join(folder, name);
  writeFileSync(at("report.xml"), '<testsuite><testcase name="adds"/></testsuite>');
  mkdirSync(at("folder"));
  execFileSync("mkfifo", [at("pipe")]);
  writeFileSync(at("huge.xml"), "");
  truncateSync(at("huge.xml"), 33 * 1024 * 1024);
  const read = await readJunitFile(at("report.xml"));
  expect(read.ok && read.value).toEqual([{ name: "adds", status: "passed" }]);
  expect(await readJunitFile(at("pipe"))).toEqual({ ok: false, error: "it is not a regular file (EFTYPE)" });
  expect(await readJunitFile(at("folder"))).toEqual({ ok: false, error: "it is a folder (EISDIR)" });
  expect(await readJunitFile(at("nothing"))).toMatchObject({
    ok: false,
    error: expect.stringMatching(/ENOENT/u) as string,
  });
  expect(await readJunitFile(at("huge.xml"))).toMatchObject({
    ok: false,
    error: expect.stringMatching(/more than 33554432$/u) as string,
  });
});
