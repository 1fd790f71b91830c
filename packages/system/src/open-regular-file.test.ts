import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openRegularFile } from "./open-regular-file.ts";
import { systemErrorReason } from "./system-error.ts";

test("openRegularFile() opens a file, and neither waits for a pipe nor reads a folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loom-system-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "text");
  mkdirSync(join(folder, "folder"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const file = await openRegularFile(join(folder, "file"));
  expect(await file.readFile("utf8")).toBe("text");
  await file.close();
  const reasonFor = async (name: string): Promise<string> =>
    systemErrorReason(await openRegularFile(join(folder, name)).catch((error: unknown) => error));
  expect(await reasonFor("pipe")).toBe("it is not a regular file (EFTYPE)");
  expect(await reasonFor("folder")).toBe("it is a folder (EISDIR)");
  await expect(openRegularFile(join(folder, "nothing"))).rejects.toMatchObject({ code: "ENOENT" });
});
