import { readdirSync, readFileSync, statSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { removeSecretFiles, writeSecretFiles } from "./secret-files.ts";

const VALUES = new Map([["KEY", "hunter22"]]);

test("writeSecretFiles() uses the given folder, made when missing, where nothing is in memory", () => {
  const folder = join(temporaryDirectory(), "a/b");
  const files = writeSecretFiles(VALUES, ["/", "/nowhere"], folder);
  expect(dirname(files.folder)).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readFileSync(files.paths.get("KEY") ?? "", "utf8")).toBe("hunter22");
});

test("writeSecretFiles() prefers memory, where there is any", () => {
  const memory = temporaryDirectory();
  const folder = temporaryDirectory();
  const files = writeSecretFiles(VALUES, ["/nowhere", memory], folder);
  const isInMemory = statfsSync(memory).type === 0x0102_1994;
  expect(dirname(files.folder)).toBe(isInMemory ? memory : folder);
});

test("writeSecretFiles() leaves nothing behind when a file cannot be written", () => {
  const folder = temporaryDirectory();
  expect(() => writeSecretFiles(new Map([["no/where", "hunter22"]]), [folder], folder)).toThrow("ENOENT");
  expect(readdirSync(folder)).toEqual([]);
});

// Not even root may remove what is there.
test.runIf(process.platform === "linux")("removeSecretFiles() reports what cannot be removed", () => {
  expect(() => removeSecretFiles("/proc/self/fdinfo")).toThrow(/EPERM|EACCES|not permitted/);
});
